"""The parts of the issue text: private words and markup of strangers, and requests."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from pytest_indexcache.messages import Headers
from pytest_indexcache.reports.trackers.anonymous import MachineWords
from pytest_indexcache.reports.trackers.templates import TEMPLATES, issue_text
from pytest_indexcache.run.investigations.results import TriedWorkaround
from pytest_indexcache.run.plays.results import Check, CheckKind, PlayResult, Verdict

from ..test_bisect_lines import BOUNDARY, FOUND
from .reported import CAUSE, WHEEL, at_step, facts, misbehaving


@pytest.mark.parametrize("tracker", TEMPLATES)
def test_private_words_are_in_no_part_of_the_text(tracker: str) -> None:
    """The user, host and folders of the machine are removed wherever a play or file has them."""
    home, user, host = "/home/lovelace", "lovelace", "calc.private.example"
    secret = f"{home}/wheels of {user} at {host}"
    cause = f"{CAUSE} in {secret}"
    play = misbehaving(cause=cause)
    *others, last = play.steps
    wrong = Check(CheckKind.IMPORTS, "'x'", f"'{secret}'", held=False, subject="a", causes=(cause,))
    private = replace(
        last,
        checks=(wrong,),
        command=f"uv sync --find-links {home}/wheels",
        files={"project/pyproject.toml": f'find-links = ["{home}/wheels"]\n'},
    )
    bad = replace(play, steps=(*others, private))
    found = facts(
        bad,
        log=f"read {secret}\n",
        others=(bad,),
        workarounds=(
            TriedWorkaround("no cache", bad, f"uv sync --find-links {home}/wheels"),
            TriedWorkaround("override", reason=f"no file in {secret}"),
        ),
        not_bisected=f"nothing in {secret}",
    )
    text = issue_text(
        replace(
            found,
            scenario_text=f'title = "A wheel"\n# from {secret}\n',
            sentences={3: f"install {home}/wheels"},
            machine=MachineWords({home: "…"}, frozenset({user, host})),
        ),
        tracker,
    )
    for word in (home, user, host):
        assert word not in text
    assert "Names and folders of a private machine were replaced in this file." in text


def test_scenario_without_private_words_is_verbatim() -> None:
    """Times, ports and paths of a scenario's file are part of the scenario, and are not changed."""
    own = 'exclude-newer = "2024-01-01T00:00:00Z"\nurl = "http://127.0.0.1:8080/usr/lib/x"\n'
    text = issue_text(replace(facts(), scenario_text=own), "uv")
    assert own in text
    assert "were replaced" not in text


def test_log_is_folded_and_normalised() -> None:
    """The log is folded, and contains neither paths nor times."""
    text = issue_text(facts(), "uv")
    assert "<summary>Log of step 3, without paths and times</summary>" in text
    assert "DEBUG found …/x in TIME" in text


@pytest.mark.parametrize("tracker", TEMPLATES)
def test_strangers_cannot_write_markdown(tracker: str) -> None:
    """Untrusted titles, causes and logs cannot add a mention, link or tag, or end a fence."""
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


def test_request_shows_what_the_cache_of_the_installer_has() -> None:
    """The validator of a request is shown beside its URL, and other fields are not."""
    *others, last = misbehaving().steps
    asked = Headers.of([("If-None-Match", '"x"'), ("Authorization", "Basic c2VjcmV0")])
    exchanges = tuple(replace(it, request_headers=asked, status=304) for it in last.exchanges)
    steps = (*others, replace(last, exchanges=exchanges))
    text = issue_text(facts(replace(misbehaving(), steps=steps)), "uv")
    assert f'# step 3\n304 GET {WHEEL} (if-none-match: "x")\n' in text
    assert "c2VjcmV0" not in text


@pytest.mark.parametrize(
    ("second", "ends"),
    [
        (misbehaving(), ""),
        (at_step(5, "1"), "goes wrong in step 5"),
        (replace(misbehaving(), verdict=Verdict.PASSED, steps=()), "behaves"),
        (replace(misbehaving(), verdict=Verdict.ERROR, steps=()), ""),
        (None, ""),
    ],
)
def test_result_that_varies_by_chance_is_said_to(second: PlayResult | None, ends: str) -> None:
    """If a second play ends in another way, the summary and the workarounds say so."""
    text = issue_text(facts(repeated=second), "uv")
    varies = f"The result varies by chance: in other plays, `uv 0.8.11` {ends}."
    assert (varies in text) is bool(ends)
    assert ("Each change was played once" in text) is bool(ends)


def test_plays_of_the_bisect_show_that_a_result_varies() -> None:
    """A repeated play of the bisect that behaves is another end of the same release."""
    before = replace(BOUNDARY.before, release="0.8.11", step=3)
    again = (replace(before, behaves=True),)
    found = replace(FOUND, boundaries=(replace(BOUNDARY, before=before, again=again),))
    text = issue_text(facts(bisect=found), "uv")
    assert "in other plays, `uv 0.8.11` behaves." in text
    assert "so a change may be due to chance" in text


@pytest.mark.parametrize(
    ("second", "title"), [(misbehaving(), "Log"), (at_step(5, "1"), "Output"), (None, "Output")]
)
def test_output_without_the_log_is_not_called_a_log(second: PlayResult | None, title: str) -> None:
    """If the play with the log did not fail in the same step, the output is from the first play."""
    text = issue_text(facts(repeated=second), "uv")
    assert f"<summary>{title} of step 3, without paths and times</summary>" in text
