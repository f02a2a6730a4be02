"""Format the results of interop plays for a terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import Final

from pytest_indexcache.printable import printable
from pytest_indexcache.reports.markdown_report import markdown_text
from pytest_indexcache.run.interop.rounds import InteropPlay
from pytest_indexcache.run.plays.results import Verdict

WIDEST: Final = 110


def _columns(plays: Sequence[InteropPlay]) -> list[tuple[str, str]]:
    return list(dict.fromkeys((play.server, play.installer) for play in plays))


def _cell(plays: Sequence[InteropPlay], scenario: str, column: tuple[str, str]) -> str:
    for play in plays:
        if (play.server, play.installer) == column and play.scenario == scenario:
            verdict = play.result.verdict
            return "-" if verdict is Verdict.SKIPPED else str(verdict)
    return ""


def interop_lines(plays: Sequence[InteropPlay], width: int) -> Iterator[str]:
    """Yield a table with a row for each server and installer, then the causes of any failures."""
    scenarios = list(dict.fromkeys(play.scenario for play in plays))
    heads = ["server", "installer", *scenarios]
    rows = [
        [*column, *(_cell(plays, scenario, column) for scenario in scenarios)]
        for column in _columns(plays)
    ]
    widths = [max(len(row[place]) for row in [heads, *rows]) for place in range(len(heads))]
    for row in [heads, *rows]:
        cells = (f"{printable(text):{size}}" for text, size in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
    for play in plays:
        if play.result.verdict is Verdict.PASSED:
            continue
        yield ""
        sign = "-" if play.result.verdict is Verdict.SKIPPED else play.result.verdict
        yield printable(f"{play.scenario}, {play.server}, {play.installer}: {sign}")
        for text in play.causes:
            yield from wrap(
                printable(" ".join(text.split())),
                max(min(width, WIDEST), 40),
                initial_indent="  ",
                subsequent_indent="    ",
                break_on_hyphens=False,
            )


def interop_markdown(plays: Sequence[InteropPlay]) -> str:
    """Return a Markdown table with a row for each scenario; failed cells contain the causes."""
    columns = _columns(plays)
    heads = ["scenario", *(f"{server}, {installer}" for server, installer in columns)]
    lines = [_row(map(markdown_text, heads)), _row(["---"] * len(heads))]
    for scenario in dict.fromkeys(play.scenario for play in plays):
        cells = [_markdown_cell(plays, scenario, column) for column in columns]
        lines.append(_row([markdown_text(scenario), *cells]))
    return "".join(f"{line}\n" for line in lines)


def _markdown_cell(plays: Sequence[InteropPlay], scenario: str, column: tuple[str, str]) -> str:
    text = _cell(plays, scenario, column)
    if text in ("", "-", str(Verdict.PASSED)):
        return text
    causes = [
        cause
        for play in plays
        if (play.server, play.installer, play.scenario) == (*column, scenario)
        for cause in play.causes
    ]
    listing = "<br>".join(markdown_text(" ".join(cause.split())) for cause in causes)
    return f"**{text}**: {listing}"


def _row(cells: Iterator[str] | Sequence[str] | map[str]) -> str:
    return f"| {' | '.join(cells)} |"
