"""The issue text for each tracker."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from pytest_indexcache.reports.trackers.templates import TEMPLATES, issue_text
from pytest_indexcache.run.investigations.results import TriedWorkaround
from pytest_indexcache.run.plays.results import Check, CheckKind, Verdict

from ..test_bisect_lines import FOUND
from .reported import CAUSE, WHEEL, at_step, facts, misbehaving

HEADINGS = {
    "uv": ["Summary", "Platform", "Version", "Python version"],
    "pip": [
        "Description",
        "Expected behavior",
        "pip version",
        "Python version",
        "OS",
        "How to Reproduce",
        "Output",
        "Code of Conduct",
    ],
    "poetry": [
        "Description",
        "Workarounds",
        "Poetry Installation Method",
        "Operating System",
        "Poetry Version",
        "Poetry Configuration",
        "Python Sysconfig",
        "Example pyproject.toml",
        "Poetry Runtime Logs",
    ],
    "pdm": [
        "Describe the bug",
        "To reproduce",
        "Expected Behavior",
        "Environment Information",
        "Verbose Command Output",
        "Additional Context",
        "Are you willing to submit a PR to fix this bug?",
    ],
    "index": [
        "What installers do",
        "What the index sent",
        "What the RFCs say about it",
        "Installers that were tried",
        "Remedies",
        "How to reproduce it",
        "Platform",
    ],
}


@pytest.mark.parametrize("tracker", TEMPLATES)
def test_text_has_the_headings_of_the_tracker_and_all_that_was_found(tracker: str) -> None:
    """The text contains the tracker's headings, project, commands, counts, header, workarounds."""
    text = issue_text(facts(), tracker)
    assert text.startswith("> **Read this draft before you send it.**")
    assert re.findall(r"^### (.*)$", text, re.MULTILINE) == HEADINGS[tracker]
    for part in (
        '[project]\nname = "p"',
        "# step 3: sync it  <- goes wrong\n$ uv sync",
        "| downloads of `a` | `0` | `1` |",
        "1 download (3 GiB for the real files)",
        f"`cache-control: no-store`, in the 200 response to `GET {WHEEL}` in step 1.",
        "indexcache play report.toml --installer uv==0.8.11",
        "<https://a.example/1>",
        "| `pip 26.3` | behaves |",
        "| override | `uv sync` | yes |",
        "`linux-x86_64`",
        "Requests of each step",
        f"200 GET {WHEEL}",
    ):
        assert part in text
    for private in ("ada", "mirror.example", "5ms"):
        assert private not in text


@pytest.mark.parametrize("tracker", TEMPLATES)
def test_every_command_of_a_step_is_shown(tracker: str) -> None:
    """If a step has two commands, both are shown, also beside each workaround."""
    two = "pip lock\npip install --requirement pylock.toml"
    steps = tuple(replace(step, command=two) for step in misbehaving().steps)
    tried = TriedWorkaround("no cache", misbehaving(), "pip lock --no\npip install --no")
    text = issue_text(facts(replace(misbehaving(), steps=steps), workarounds=(tried,)), tracker)
    assert "\n$ pip lock\n$ pip install --requirement pylock.toml\n" in text
    assert "| no cache | `pip lock --no`<br>`pip install --no` | no |" in text


@pytest.mark.parametrize(
    ("tried", "expected"),
    [
        (TriedWorkaround("w", at_step(3, "1")), "no"),
        (
            TriedWorkaround("w", at_step(1, "1")),
            "not known: with it, step 1 goes wrong before (downloads of `a`: expected `0`, "
            "seen `1`)",
        ),
        (
            TriedWorkaround("w", at_step(3, "2")),
            "no: it goes wrong in step 3, downloads of `a`: expected `0`, seen `2`",
        ),
        (
            TriedWorkaround("w", at_step(5, "1")),
            "yes in step 3; step 5, which is played without the change, goes wrong: "
            "downloads of `a`: expected `0`, seen `1`",
        ),
        (
            TriedWorkaround("w", at_step(5, "1"), is_override=True),
            "yes in step 3; step 5 goes wrong: downloads of `a`: expected `0`, seen `1`",
        ),
    ],
)
def test_workaround_is_judged_by_the_step_that_it_changes(
    tried: TriedWorkaround, expected: str
) -> None:
    """A later step that goes wrong does not mean that a workaround does not help."""
    assert f"| w |  | {expected} |" in issue_text(facts(workarounds=(tried,)), "uv")


@pytest.mark.parametrize(
    ("causes", "expected"),
    [
        (("x of a came again", "x of b came again"), ["x of a came again; the same holds for b"]),
        (("it is old", "it is old. So b was used"), ["it is old. So b was used"]),
    ],
)
def test_summary_names_a_cause_once(causes: tuple[str, ...], expected: list[str]) -> None:
    """Causes share a line if they differ only in names, or if one begins with the other."""
    *others, last = misbehaving().steps
    checks = tuple(
        Check(CheckKind.DOWNLOADS, "0", "1", held=False, subject=name, causes=(cause,))
        for name, cause in zip("ab", causes, strict=True)
    )
    text = issue_text(
        facts(replace(misbehaving(), steps=(*others, replace(last, checks=checks)))), "uv"
    )
    assert re.findall(r"^- (x of.*|it is.*)$", text, re.MULTILINE) == expected


@pytest.mark.parametrize(("behaves", "is_said"), [(True, True), (False, False)])
def test_draft_begins_with_the_release_that_may_have_fixed_it(behaves: bool, is_said: bool) -> None:
    """The first line of a draft says if the newest release no longer misbehaves."""
    *others, newest = FOUND.answers
    found = replace(FOUND, answers=(*others, replace(newest, behaves=behaves)))
    first = issue_text(facts(bisect=found), "uv").splitlines()[0]
    said = f"**`uv {newest.release}` behaves correctly: the problem may already be fixed.**"
    assert (said in first) is is_said


def test_override_is_described_whether_it_helps_or_not() -> None:
    """The Cache-Control that was tried is named, even if it does not help."""
    tried = TriedWorkaround("override", misbehaving(), "uv sync", is_override=True)
    text = issue_text(facts(workarounds=(tried,)), "uv")
    for_uv = '`cache-control = { api = "max-age=600", files = "max-age='
    assert f"The override of cache-control was {for_uv}" in text
    variant = replace(misbehaving(), installer="reference:obey-no-store")
    text = issue_text(facts(variant, workarounds=(tried,)), "uv")
    assert "The override of cache-control was `max-age=600` for pages, `max-age=" in text


def test_venv_is_removed_from_the_folder_in_which_commands_run() -> None:
    """The command that removes the project's venv can be pasted beside the other commands."""
    first, removal, last = misbehaving().steps
    steps = (first, replace(removal, command="rm -rf project/.venv"), last)
    text = issue_text(facts(replace(misbehaving(), steps=steps)), "uv")
    assert "# step 2: remove the venv\n$ rm -rf .venv\n" in text


def test_step_without_requests_has_no_weights() -> None:
    """If no request reached the indexes, zero bytes and responses are not listed."""
    steps = tuple(replace(step, exchanges=()) for step in misbehaving().steps)
    text = issue_text(facts(replace(misbehaving(), steps=steps)), "uv")
    assert "Traffic in this step: no request.\n" in text


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ((9, 9), "2 downloads, 0 responses"),
        ((3 << 30, 9), "2 downloads (3 GiB for 1 of the real files), 0 responses"),
        ((3 << 30, 1 << 30), "2 downloads (4 GiB for the real files), 0 responses"),
    ],
)
def test_size_of_the_tiny_file_is_not_stated_as_that_of_the_real_one(
    sizes: tuple[int, ...], expected: str
) -> None:
    """Only sizes that the scenario gives are stated; the file that is sent has 9 bytes."""
    *others, last = misbehaving().steps
    (sent,) = last.exchanges
    downloads = tuple(
        replace(sent, subject=replace(sent.subject, nominal_bytes=size)) for size in sizes
    )
    steps = (*others, replace(last, exchanges=downloads))
    text = issue_text(facts(replace(misbehaving(), steps=steps)), "uv")
    assert f"Traffic in this step: 2 requests, {expected} with status 304." in text


def test_related_report_names_what_both_have_in_common() -> None:
    """A related report is shown with the variant and the deciding fields that both share."""
    both = "(both are reproduced by `reference:keep-no-wheel`; both name `no-store`)"
    text = issue_text(facts(), "uv")
    assert f"- <https://a.example/1>: T {both}" in text
    bug = "`reference:keep-no-wheel` is an installer of pytest-indexcache that keeps no wheel."
    assert bug in text


def test_header_fields_of_one_response_are_one_sentence() -> None:
    """If two fields of a response decide, one sentence names the response with both."""
    cause = f"{CAUSE} (cache-control: no-store, etag: x)"
    text = issue_text(facts(misbehaving(cause=cause)), "uv")
    assert "The deciding header fields are `cache-control: no-store` and `etag: " in text
    assert text.count("The deciding header") == 1


def test_files_of_the_project_are_named_as_seen_from_its_folder() -> None:
    """Project files are named without their folder, unless there are files in other folders."""
    steps = misbehaving().steps
    assert "\n`pyproject.toml`:\n" in issue_text(facts(), "uv")
    apart = replace(steps[0], files={**steps[0].files, "lib/pyproject.toml": ""})
    text = issue_text(facts(replace(misbehaving(), steps=(apart, *steps[1:]))), "uv")
    assert "\n`project/pyproject.toml`:\n" in text


def test_workarounds_that_cannot_be_made_are_listed_below_the_table() -> None:
    """A workaround without a play is not a row of the table, and its reason is given."""
    text = issue_text(facts(), "uv")
    assert "\n- not tried: refresh: the step already has it\n" in text
    assert "| refresh |" not in text


def test_no_heading_is_repeated_below_itself() -> None:
    """The field of Poetry's form that asks for workarounds has no second title of this name."""
    assert issue_text(facts(), "poetry").count("Workarounds") == 1
    assert issue_text(facts(), "uv").count("**Workarounds**") == 1
    assert "Workarounds" not in issue_text(facts(workarounds=()), "uv")


def test_project_file_is_not_named_below_a_heading_that_names_it() -> None:
    """A single pyproject.toml is not named again in the field of that name."""
    assert "### Example pyproject.toml\n\n```toml\n" in issue_text(facts(), "poetry")


@pytest.mark.parametrize(
    ("issue", "is_known"),
    [
        ("https://github.com/astral-sh/uv/issues/1", True),
        ("https://github.com/pypa/pip/issues/1", False),
    ],
)
def test_report_that_the_tracker_already_has_is_named_first(issue: str, is_known: bool) -> None:
    """The first line names the scenario's issue if it is in the tracker of the draft."""
    first = issue_text(facts(replace(misbehaving(), issue=issue)), "uv").splitlines()[0]
    assert (f"This tracker already has <{issue}>" in first) is is_known
    assert ("Check whether the tracker already has" in first) is not is_known


def test_locks_of_cache_files_are_left_out_of_the_log() -> None:
    """Poetry's lines about locks of its cache, with memory addresses, are left out of the log."""
    noise = "[filelock:filelock] Lock 139855015732240 acquired on /x/cache.lock"
    text = issue_text(facts(log=f"GET a\n{noise}\n{noise}\nGET b\n"), "poetry")
    assert "\nGET a\nGET b\n" in text


def test_long_log_keeps_its_ends() -> None:
    """A long log is cut in the middle to fit GitHub's limit, with the number of cut lines."""
    lines = "\n".join(f"line {number} {'x' * 40}" for number in range(5000))
    text = issue_text(facts(log=lines), "uv")
    assert len(text) < 65_536
    assert re.search(r"\[left out: \d+ lines\]", text)
    assert "line 0 " in text
    assert "line 4999 " in text


def test_operator_reads_the_clauses_of_what_the_index_sent() -> None:
    """The text for an operator names the RFC clause of each directive and validator."""
    text = issue_text(facts(), "index")
    assert "| `no-store` | RFC 9111 §5.2.2.5 |" in text
    assert "| `etag` | RFC 9110 §8.8.3 |" in text
    assert "goes wrong with `uv 0.8.11`" in text
    assert "It does not go wrong with `pip 26.3`" in text


def test_play_that_cannot_be_compared_says_why() -> None:
    """The reason of an unjudged play is shown without paths or the mirror's URL."""
    other = replace(misbehaving(), verdict=Verdict.SKIPPED, steps=(), reason="uv has no such verb")
    text = issue_text(facts(others=(other,)), "uv")
    assert "| `uv 0.8.11` | was not judged | uv has no such verb |" in text
