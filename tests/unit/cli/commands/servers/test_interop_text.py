"""The matrix of servers and installers in a terminal and in Markdown."""

from __future__ import annotations

from pytest_indexcache.cli.commands.servers.interop_text import interop_lines, interop_markdown
from pytest_indexcache.run.interop.rounds import InteropPlay
from pytest_indexcache.run.plays.results import PlayResult, Verdict


def played(scenario: str, verdict: Verdict, reason: str = "") -> InteropPlay:
    """Return a play with this verdict."""
    result = PlayResult(
        scenario=scenario,
        title="t",
        issue=None,
        tags=(),
        installer="uv==1",
        installer_version="1",
        transport="wire",
        verdict=verdict,
        reason=reason,
    )
    return InteropPlay("devpi==6", "uv==1", scenario, result)


PLAYS = [
    played("cold", Verdict.PASSED),
    played("warm", Verdict.ERROR, "it | broke\x1b[2J\nbadly"),
    played("yank", Verdict.SKIPPED, "it cannot yank"),
]


def test_terminal_has_the_table_and_each_cause() -> None:
    """A skipped play is shown as a dash, and text from a server is escaped."""
    lines = list(interop_lines(PLAYS, 80))
    assert lines[0].split() == ["server", "installer", "cold", "warm", "yank"]
    assert lines[1].split() == ["devpi==6", "uv==1", "passed", "error", "-"]
    assert "  it | broke\\x1b[2J badly" in lines
    assert "  it cannot yank" in lines


def test_markdown_has_the_cause_in_the_cell() -> None:
    """If a play did not pass, its Markdown cell shows the cause, on one line and in one column."""
    lines = interop_markdown(PLAYS).splitlines()
    assert len(lines) == 5
    assert lines[3].startswith("| warm | **error**: it ")
    assert lines[3].count(" | ") == lines[2].count(" | ")
    assert lines[4] == "| yank | - |"
