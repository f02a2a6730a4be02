"""The issue text for each tracker."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from pytest_indexcache.reports.trackers.templates import TEMPLATES, issue_text
from pytest_indexcache.run.plays.results import Verdict

from .reported import CAUSE, WHEEL, facts, misbehaving

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
        "pdm -v output",
        "Additional Context",
        "Are you willing to submit a PR to fix this bug?",
    ],
    "index": [
        "What installers do",
        "What the index sent",
        "What the RFCs say of it",
        "Installers that were tried",
        "What would change it",
        "To repeat it",
        "Platform",
    ],
}


@pytest.mark.parametrize("tracker", TEMPLATES)
def test_text_has_the_headings_of_the_tracker_and_all_that_was_found(tracker: str) -> None:
    """The form has project, commands, counts, header, workarounds and the command."""
    text = issue_text(facts(), tracker)
    assert text.startswith("> **To be read before it is sent.**")
    assert re.findall(r"^### (.*)$", text, re.MULTILINE) == HEADINGS[tracker]
    for part in (
        '[project]\nname = "p"',
        "# step 3: sync it  <- goes wrong\n$ uv sync",
        "| `downloads.a` | `0` | `1` |",
        "1 download (3.0 GiB as the real files weigh)",
        f"`cache-control: no-store`, in the response 200 to `GET {WHEEL}`",
        "indexcache play report.toml --installer uv==0.8.11",
        "<https://a.example/1>",
        "| `pip 26.3` | behaves |",
        "| override | `uv sync` | yes |",
        "linux-x86\\_64",
    ):
        assert part in text
    for private in ("ada", "mirror.example", "5ms"):
        assert private not in text


def test_log_is_folded_and_normalised() -> None:
    """The log is folded, and has neither paths nor times."""
    text = issue_text(facts(), "uv")
    assert "<summary>Log of step 3, without paths and times</summary>" in text
    assert "DEBUG found …/x in TIME" in text


def test_long_log_keeps_its_ends() -> None:
    """A long log is cut in the middle to fit GitHub's limit, with the number of cut lines."""
    lines = "\n".join(f"line {number} {'x' * 40}" for number in range(5000))
    text = issue_text(facts(log=lines), "uv")
    assert len(text) < 65_536
    assert re.search(r"\[left out: \d+ lines\]", text)
    assert "line 0 " in text
    assert "line 4999 " in text


@pytest.mark.parametrize("tracker", TEMPLATES)
def test_strangers_cannot_write_markdown(tracker: str) -> None:
    """Untrusted titles, causes and logs add no mention, link or tag, and end no fence."""
    evil = "@owner <b>x</b> [l](https://evil.example) #1 ```"
    play = misbehaving(evil, f"{CAUSE} {evil}")
    steps = tuple(replace(it, command=f"uv {evil}", files={"a.toml": evil}) for it in play.steps)
    text = issue_text(facts(replace(play, steps=steps), log=f"```\n</details>\n{evil}"), tracker)
    outside = re.sub(r"(?ms)^(`{3,})\w+$.*?^\1$", "", text)
    plain = re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", "", outside)
    assert "@" not in plain
    assert "<b>" not in plain.replace("\\<", "")
    assert "evil.example" not in plain
    assert plain.count("</details>") == plain.count("<details>")


def test_operator_reads_the_clauses_of_what_the_index_sent() -> None:
    """The text for an operator has the RFC clause of each directive and validator."""
    text = issue_text(facts(), "index")
    assert "| `no-store` | RFC 9111 §5.2.2.5 |" in text
    assert "| `etag` | RFC 9110 §8.8.3 |" in text
    assert "goes wrong with `uv`" in text
    assert "It does not with `pip`" in text


def test_play_that_cannot_be_compared_says_why() -> None:
    """An unjudged play has its reason, without paths and without the mirror."""
    other = replace(misbehaving(), verdict=Verdict.SKIPPED, steps=(), reason="uv has no such verb")
    text = issue_text(facts(others=(other,)), "uv")
    assert "| `uv 0.8.11` | was not judged | uv has no such verb |" in text
