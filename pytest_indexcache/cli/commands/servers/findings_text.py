"""Format the findings of a probe for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import Final

from pytest_indexcache.printable import printable
from pytest_indexcache.probes.findings import ProbeFinding
from pytest_indexcache.probes.rules.verdicts import Grade

WIDEST: Final = 110
"""The maximum line length in characters, even if the terminal is wider."""

_MARGIN: Final = " " * 7
_COLOURS: Final = {Grade.GOOD: "32", Grade.COSTS: "33", Grade.WRONG: "31"}


def finding_lines(
    findings: Iterable[ProbeFinding], width: int, *, is_coloured: bool
) -> Iterator[str]:
    """Yield the lines of each finding, wrapped to ``width`` characters."""
    for finding in findings:
        judged = finding.judged
        grade = f"{judged.grade:5}"
        if is_coloured:
            grade = f"\x1b[{_COLOURS[judged.grade]}m{grade}\x1b[0m"
        first, *rest = _wrapped(f"{judged.subject}: {judged.seen}", width)
        yield f"{grade}  {first.lstrip()}"
        yield from rest
        if judged.grade is not Grade.GOOD:
            yield from _wrapped(f"{finding.clause} <{finding.url}>", width)
            yield from _measured(finding, width)
            for name, text in (finding.settings or {}).items():
                yield from _wrapped(f"{name}: {text}", width)


def _measured(finding: ProbeFinding, width: int) -> Iterator[str]:
    """Yield a heading, then a line for each installer that was measured with a similar server."""
    for position, measured in enumerate(finding.measured):
        if position == 0:
            yield from _wrapped(
                f"installers, measured on {measured.day} with {measured.server}, which answers in "
                f"the same way (docs/headers.md explains the words before the colons):",
                width,
            )
        yield from _wrapped(f"  {measured.describe()}", width)


def _wrapped(text: str, width: int) -> list[str]:
    shown = printable(text)
    indent = _MARGIN + " " * (len(shown) - len(shown.lstrip()))
    lines = wrap(
        shown.strip(),
        max(min(width, WIDEST), 40),
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_on_hyphens=False,
    )
    return lines or [indent]
