"""Format the plays of a matrix for a terminal, and group releases with the same verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from shlex import quote
from textwrap import wrap

from pytest_indexcache.printable import printable
from pytest_indexcache.reports.words.releases import in_order, range_of, ranges, span_of
from pytest_indexcache.reports.words.skips import skip_texts
from pytest_indexcache.reports.words.wording import (
    CauseGroup,
    by_cause,
    many,
    short_name,
    short_names,
)
from pytest_indexcache.run.matrix.results import PlayRecord
from pytest_indexcache.run.plays.results import Verdict

Paint = Callable[[str, Verdict | None], str]
"""A function that adds the colour of a verdict to text."""

NOT_PLAYED = "-"
MOST_DETAILS = 25
MOST_CHECKS = 1


@dataclass(frozen=True)
class Family:
    """Plays of one installer's releases with the same transport, platform and Python.

    ``releases`` is sorted, oldest first. ``cells`` maps pairs of a scenario and a release to plays.
    """

    name: str
    releases: tuple[str, ...]
    cells: dict[tuple[str, str], PlayRecord]

    def verdict(self, scenario: str, release: str) -> Verdict | None:
        """Return the verdict of a release in a scenario, or None if it was not played."""
        record = self.cells.get((scenario, release))
        return None if record is None else record.result.verdict

    def runs(self, scenarios: Sequence[str]) -> list[list[str]]:
        """Return groups of consecutive releases that have the same verdicts in all scenarios."""
        return list(
            ranges(
                self.releases,
                lambda release: [self.verdict(scenario, release) for scenario in scenarios],
            )
        )


def families(records: Sequence[PlayRecord]) -> list[Family]:
    """Group records by installer, transport, platform and Python.

    Transport, platform and Python are part of a family's name only if they differ between records.
    """
    machines = {(row.circumstances.platform, row.circumstances.python) for row in records}
    transports: dict[str, set[str]] = {}
    for record in records:
        transports.setdefault(_installer(record), set()).add(record.result.transport)
    grouped: dict[str, dict[tuple[str, str], PlayRecord]] = {}
    for record in records:
        where, name = record.circumstances, _installer(record)
        remarks = [record.result.transport] if len(transports[name]) > 1 else []
        for place, remark in enumerate((where.platform, where.python)):
            if len({machine[place] for machine in machines}) > 1:
                remarks.append(remark)
        family = f"{name} ({', '.join(remarks)})" if remarks else name
        grouped.setdefault(family, {})[record.result.scenario, record.release] = record
    return [
        Family(name, tuple(in_order(release for _, release in cells)), cells)
        for name, cells in sorted(grouped.items())
    ]


def _installer(record: PlayRecord) -> str:
    """Return the installer's spec without its release.

    Examples are ``uv`` and ``reference:ignore-age``.
    """
    return printable(record.result.installer.partition("==")[0])


def matrix_lines(
    records: Sequence[PlayRecord], width: int, paint: Paint = lambda text, _: text
) -> Iterator[str]:
    """Yield a table of scenarios and releases, or a list if the table would exceed ``width``."""
    scenarios = sorted({record.result.scenario for record in records})
    found = families(records)
    table = _Table.of(scenarios, found)
    if table.width <= width:
        yield from table.lines(paint)
    else:
        yield from _list_lines(scenarios, found, width, paint)


@dataclass(frozen=True)
class _Table:
    names: list[str]
    heads: list[tuple[str, str, str]]
    columns: list[list[Verdict | None]]

    @classmethod
    def of(cls, scenarios: Sequence[str], found: Sequence[Family]) -> _Table:
        heads, columns = [], []
        for family in found:
            for place, run in enumerate(family.runs(scenarios)):
                last = f"- {run[-1]}" if len(run) > 1 else ""
                heads.append(("" if place else family.name, run[0], last))
                columns.append([family.verdict(scenario, run[0]) for scenario in scenarios])
        return cls(list(short_names(scenarios).values()), heads, columns)

    @property
    def _widths(self) -> list[int]:
        cells = [
            (*head, *map(_word, column))
            for head, column in zip(self.heads, self.columns, strict=True)
        ]
        return [max(map(len, column)) for column in cells]

    @property
    def _name_width(self) -> int:
        return max(map(len, ["scenario", *self.names]))

    @property
    def width(self) -> int:
        return self._name_width + sum(2 + width for width in self._widths)

    def lines(self, paint: Paint) -> Iterator[str]:
        *above, lowest = [heads for heads in zip(*self.heads, strict=True) if any(heads)]
        for heads in above:
            yield self._row("", heads, lambda text, _: text)
        yield self._row("scenario", lowest, lambda text, _: text)
        for place, name in enumerate(self.names):
            verdicts = [column[place] for column in self.columns]
            yield self._row(name, verdicts, paint)

    def _row(self, name: str, cells: Sequence[str | Verdict | None], paint: Paint) -> str:
        shown = [
            paint(_word(cell).ljust(width), cell if isinstance(cell, Verdict) else None)
            for cell, width in zip(cells, self._widths, strict=True)
        ]
        return "  ".join([name.ljust(self._name_width), *shown]).rstrip()


def _word(cell: str | Verdict | None) -> str:
    return NOT_PLAYED if cell is None else str(cell)


def _list_lines(
    scenarios: Sequence[str], found: Sequence[Family], width: int, paint: Paint
) -> Iterator[str]:
    name_width = max((len(family.name) for family in found), default=0)
    for scenario, short in short_names(scenarios).items():
        yield short
        for family in found:
            name = family.name
            for run in family.runs([scenario]):
                records = [
                    family.cells[scenario, release]
                    for release in run
                    if (scenario, release) in family.cells
                ]
                if not records:
                    continue
                head = f"  {name:<{name_width}}  {span_of(family.name, run):<19}  "
                text = printable(_run_text(records), max(width - len(head), 12))
                yield head + paint(text, records[0].result.verdict)
                name = ""


def _run_text(run: Sequence[PlayRecord]) -> str:
    """Return the result of releases with the same verdict, such as ``reproduced at step 3``."""
    newest = run[-1].result
    in_short = dict.fromkeys(record.result.in_short for record in run)
    text = newest.in_short if len(in_short) == 1 else str(newest.verdict)
    reason = next(iter(newest.reason.splitlines()), "")
    return f"{text}: {reason}" if reason else text


def trouble_lines(
    records: Sequence[PlayRecord], verdicts: AbstractSet[Verdict], width: int
) -> Iterator[str]:
    """Yield details about each group of consecutive releases whose verdict is in ``verdicts``.

    Only the newest release in a group is described.
    """
    shown = 0
    for family in families(records):
        for scenario in sorted({scenario for scenario, _ in family.cells}):
            for run in family.runs([scenario]):
                if family.verdict(scenario, run[0]) not in verdicts:
                    continue
                shown += 1
                if shown <= MOST_DETAILS:
                    record = family.cells[scenario, run[-1]]
                    yield from _detail_lines(family.name, run, record, width)
    if shown > MOST_DETAILS:
        yield f"… and {many(shown - MOST_DETAILS, 'range')} more"


def skip_lines(records: Sequence[PlayRecord], width: int) -> Iterator[str]:
    """Yield a line for each reason why releases of an installer skipped a scenario."""
    for family in families(records):
        results = [record.result for record in family.cells.values()]
        for text in skip_texts(family.name, results):
            yield from _wrapped(f"skipped, {text}", width, 0)


def _detail_lines(name: str, run: Sequence[str], record: PlayRecord, width: int) -> Iterator[str]:
    result = record.result
    what = f"{result.in_short}: {short_name(result.scenario)} with {range_of(name, run)}"
    yield from _wrapped(what, width, 0)
    step = result.failed_step
    checks = step.checks if step else ()
    for group in by_cause(checks[:MOST_CHECKS]):
        yield from _check_lines(group, width)
    if len(checks) > MOST_CHECKS:
        yield f"  … and {many(len(checks) - MOST_CHECKS, 'expectation')} more"
    for line in result.reason.splitlines():
        yield from _wrapped(line, width, 2)
    if result.verdict is Verdict.FIXED:
        yield "  every expectation holds, although [affected] lists it: update [affected]"
    yield (
        f"  $ pytest --indexcache-scenarios {quote(printable(result.scenario))} "
        f"--indexcache-installer {quote(printable(result.installer))}"
    )


def _check_lines(group: CauseGroup, width: int) -> Iterator[str]:
    """Yield the checks in a group, followed by their common cause."""
    for check in group.checks:
        yield from _wrapped(f"{check.key}: expected {check.expected}, seen {check.seen}", width, 2)
    for cause in group.causes[:1]:
        yield from _wrapped(cause, width, 4)


def _wrapped(text: str, width: int, indent: int) -> list[str]:
    space, more = " " * indent, " " * (indent + 2)
    return wrap(
        printable(text), width, initial_indent=space, subsequent_indent=more, break_on_hyphens=False
    )
