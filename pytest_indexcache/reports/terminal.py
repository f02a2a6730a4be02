"""Format results for a terminal: the details of one play, or a table of many plays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import astuple
from itertools import islice
from textwrap import wrap

from pytest_indexcache.messages import Exchange
from pytest_indexcache.printable import printable
from pytest_indexcache.reports.words.skips import by_installer, skip_texts
from pytest_indexcache.reports.words.wording import (
    ExchangeRow,
    Matrix,
    by_cause,
    many,
    other_release,
    player,
    short_names,
    traffic,
    verdict_counts,
    verdict_with_remark,
    wait_before,
)
from pytest_indexcache.run.plays.results import Change, Check, PlayResult, StepResult, Verdict

TAIL_LINES = 20
MOST_EXCHANGES = 40
MOST_CHECKS = 25
MOST_REASONS = 25
WIDTH = 80
"""The assumed width of the terminal, because xdist workers do not know the actual width."""


def failure_lines(result: PlayResult, width: int | None = WIDTH) -> Iterator[str]:
    """Yield lines that explain a play's result: the failed step, its checks, causes and exchanges.

    Lines are shortened or wrapped to ``width`` where possible; None means no limit.
    """
    if result.is_unasked_exit:
        yield from (printable(line) for line in result.reason.splitlines())
    yield printable(result.title)
    if result.issue:
        yield printable(result.issue)
    version = f" {result.installer_version}" if result.installer_version else ""
    yield printable(f"played by {result.installer}{version} ({result.transport})")
    if result.containment and not result.was_contained:
        yield printable(result.containment)
    yield ""
    if result.change in (Change.WORSE, Change.BETTER):
        known = printable(result.known)
        yield f"{result.in_short}, which is {result.change} than the baseline: {known}"
        yield ""
    if result.verdict is Verdict.SKIPPED:
        yield f"skipped: {printable(result.reason)}"
        return
    if result.verdict in (Verdict.PASSED, Verdict.FIXED):
        yield from _good_news(result)
        return
    if result.verdict is Verdict.ERROR:
        yield "error: the play broke, which says nothing about caching"
        yield from (f"  {printable(line)}" for line in result.reason.splitlines())
    step = result.failed_step or (result.steps[-1] if result.steps else None)
    if step is not None:
        yield from _step_lines(step, result, width)


def _good_news(result: PlayResult) -> Iterator[str]:
    if result.change is Change.BETTER:
        yield "Every expectation holds. The baseline is out of date: write it again."
    elif result.verdict is Verdict.FIXED:
        yield "fixed: every expectation holds, although [affected] lists this release."
        yield "Remove the release from [affected] in the scenario file."


def _step_lines(step: StepResult, result: PlayResult, width: int | None) -> Iterator[str]:
    title = f" ({printable(step.title)})" if step.title else ""
    state = "" if step.held else " does not behave as expected"
    other = other_release(step, result)
    yield f"step {step.number}: {printable(step.verb)}{title}{other}{state}"
    yield from (f"  {wait_before(step)}",) if step.waited else ()
    yield from (f"  $ {printable(line)}" for line in step.command.splitlines())
    yield from _check_lines([check for check in step.checks if not check.held], width)
    yield ""
    yield from _exchange_lines(step, width)
    yield from _earlier_lines(step, result)
    if step.output.strip():
        lines = step.output.rstrip().splitlines()
        yield ""
        cut = f" (last {TAIL_LINES} of {len(lines)} lines)" if len(lines) > TAIL_LINES else ""
        yield f"the installer said{cut}"
        yield from (f"  {printable(line)}" for line in lines[-TAIL_LINES:])


def _earlier_lines(step: StepResult, result: PlayResult) -> Iterator[str]:
    earlier = [earlier_step for earlier_step in result.steps if earlier_step.number < step.number]
    if earlier:
        yield ""
        yield "earlier steps"
    for other_step in earlier:
        count = sum(1 for exchange in other_step.exchanges if exchange.is_download)
        counts = [many(count, "download"), many(len(other_step.exchanges), "request")]
        counts += [wait_before(other_step)] if other_step.waited else []
        verb = f"{printable(other_step.verb)}{other_release(other_step, result)}"
        yield f"  {other_step.number} {verb}: {', '.join(counts)}"


def _check_lines(failed: Sequence[Check], width: int | None) -> Iterator[str]:
    if not failed:
        return
    groups = by_cause(failed[:MOST_CHECKS])
    rows = [
        (printable(check.key), printable(check.expected), printable(check.seen))
        for group in groups
        for check in group.checks
    ]
    blocks = iter(_check_blocks(rows, width))
    yield from next(blocks)
    for group in groups:
        yield from (line for block in islice(blocks, len(group.checks)) for line in block)
        for cause in group.causes:
            yield from _wrapped(printable(cause), width)
    if len(failed) > MOST_CHECKS:
        yield f"  … and {len(failed) - MOST_CHECKS} more"


def _check_blocks(rows: Sequence[tuple[str, str, str]], width: int | None) -> Iterator[list[str]]:
    """Yield one block of lines for the heading, and one for each check.

    If a table of all checks fits into ``width``, each block is one row of this table.
    """
    table = [f"  {line}" for line in _columns([("", "expected", "seen"), *rows])]
    if width is None or max(map(len, table)) <= width:
        yield from ([line] for line in table)
        return
    yield []
    for key, expected, seen in rows:
        yield [f"  {key}", f"    expected  {expected}", f"    seen      {seen}"]


def _wrapped(cause: str, width: int | None) -> list[str]:
    """Wrap a sentence at spaces only, so that no name or header field is split."""
    return wrap(
        cause,
        WIDTH if width is None else min(width, WIDTH),
        initial_indent=" " * 6,
        subsequent_indent=" " * 8,
        break_on_hyphens=False,
        break_long_words=False,
    )


def _exchange_lines(step: StepResult, width: int | None) -> Iterator[str]:
    if not step.exchanges:
        yield f"no request reached an index in step {step.number}"
        return
    yield f"requests that reached the indexes in step {step.number}"
    yield from exchange_lines(step.exchanges, width=width)


def exchange_lines(
    exchanges: Sequence[Exchange], limit: int = MOST_EXCHANGES, *, width: int | None = WIDTH
) -> Iterator[str]:
    """Yield a table of the first ``limit`` exchanges.

    If the table is wider than ``width``, file names and remarks are put on separate lines.
    """
    shown = [ExchangeRow.of(exchange) for exchange in exchanges[:limit]]
    rows = [tuple(printable(cell) for cell in astuple(row)) for row in shown]
    yield from _with_remarks(rows, width)
    if len(exchanges) > limit:
        yield f"  … and {len(exchanges) - limit} more"


def _with_remarks(rows: Sequence[tuple[str, ...]], width: int | None) -> Iterator[str]:
    """Yield a table of exchanges that fits into ``width`` if possible.

    If the table is too wide, the remarks are moved below the rows. If it is still too wide, the
    file names are moved as well.
    """
    for below in ((), (-1,), (-3, -1)):
        kept = [place for place in range(-len(rows[0]), 0) if place not in below]
        table = [f"  {line}" for line in _columns([tuple(row[i] for i in kept) for row in rows])]
        if width is None or max(map(len, table)) <= width:
            break
    for row, line in zip(rows, table, strict=True):
        yield line
        yield from (f"       {row[place]}" for place in below if row[place])


def _columns(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def summary_lines(results: Sequence[PlayResult], width: int) -> Iterator[str]:
    """Yield a table of scenarios and installers, the reasons for skips, and the totals.

    A table that is wider than ``width`` characters is split into several.
    """
    matrix = Matrix.of(results)
    rows = [("scenario", *matrix.players)]
    names = short_names(scenario for scenario, _ in matrix.rows)
    for scenario, plays in matrix.rows:
        rows.append((names[scenario], *(_cell(play) for play in plays)))
    for number, table in enumerate(_fitting(rows, width)):
        yield from ("",) if number else ()
        yield from _columns(table)
    yield from skipped_lines(results, width)
    yield ""
    line = f"{verdict_counts(results)}: {traffic(results)}"
    yield from [line] if len(line) <= width else [verdict_counts(results), traffic(results)]


def skipped_lines(results: Sequence[PlayResult], width: int) -> Iterator[str]:
    """Yield the reasons for skipped plays, each in at most three lines."""
    grouped = by_installer(results)
    texts = [text for name, plays in grouped.items() for text in skip_texts(name, plays)]
    if texts:
        yield ""
        yield "skipped"
    for text in texts[:MOST_REASONS]:
        yield from _reason_lines(text, width)
    if len(texts) > MOST_REASONS:
        yield f"  … and {many(len(texts) - MOST_REASONS, 'reason')} more: -rs shows them"


def _reason_lines(text: str, width: int) -> list[str]:
    return wrap(
        text,
        width,
        initial_indent="  ",
        subsequent_indent=" " * 4,
        max_lines=3,
        placeholder=" …",
        break_on_hyphens=False,
    )


def _cell(play: PlayResult | None) -> str:
    return "" if play is None else verdict_with_remark(play)


def _fitting(rows: Sequence[tuple[str, ...]], width: int) -> Iterator[list[tuple[str, ...]]]:
    """Split a table into tables that fit into ``width``; each begins with the first column."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    chosen: list[int] = []
    for place in range(1, len(widths)):
        if chosen and widths[0] + sum(widths[number] + 2 for number in (*chosen, place)) > width:
            yield [tuple(row[number] for number in (0, *chosen)) for row in rows]
            chosen = []
        chosen.append(place)
    yield [tuple(row[number] for number in (0, *chosen)) for row in rows]


def baseline_lines(
    results: Sequence[PlayResult], baseline: str, *, is_written: bool
) -> Iterator[str]:
    """Yield lines about plays that differ from the baseline.

    ``baseline`` is the name of the baseline file. Unless ``is_written`` is true, a line explains
    how to accept the differences.
    """
    names = short_names(result.scenario for result in results)
    for change in (Change.WORSE, Change.BETTER):
        changed = [result for result in results if result.change is change]
        if changed:
            yield ""
            yield f"{change} than {baseline}"
        for result in changed:
            yield f"  {names[result.scenario]}"
            yield f"    {player(result)}: {result.in_short}, was {printable(result.known)}"
    new = [result for result in results if result.change is Change.NEW]
    if new:
        yield ""
        yield f"not in {baseline}: {many(len(new), 'play')}"
    is_changed = any(result.change not in (None, Change.SAME) for result in results)
    if is_changed and not is_written:
        yield f"to accept intended changes, play with --indexcache-write-baseline {baseline}"
