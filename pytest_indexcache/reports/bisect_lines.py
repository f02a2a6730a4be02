"""What a bisect found, as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from pytest_indexcache.printable import printable
from pytest_indexcache.reports.releases import range_text, ranges
from pytest_indexcache.reports.wording import many
from pytest_indexcache.run.bisect.results import BisectResult, Boundary, ReleaseVerdict

NO_DATE = "no date   "


def answer_line(installer: str, answer: ReleaseVerdict) -> str:
    """Say what came of one release: ``uv 0.8.11   2025-08-14  misbehaves at step 3``."""
    remark = " (played before)" if answer.remembered else ""
    reason = f": {_first_line(answer.reason)}" if answer.reason else ""
    day = answer.uploaded or NO_DATE
    return f"{installer} {answer.release:<9} {day}  {answer.in_short}{reason}{remark}"


def bisect_lines(result: BisectResult, width: int) -> Iterator[str]:
    """Yield what was found, in lines of at most ``width`` characters where text can be broken."""
    yield printable(result.title)
    if result.issue:
        yield printable(result.issue)
    yield ""
    if result.is_exhaustive:
        yield from _all_ranges(result)
        yield ""
    for boundary in result.boundaries:
        yield from _boundary_lines(result.installer, boundary)
        yield ""
    if not result.boundaries:
        yield from wrap(_no_boundary(result), width)
        yield ""
    yield from wrap(_effort(result), width)
    for run in ranges(result.lacking, lambda answer: _kind(answer.reason)):
        releases = range_text([answer.release for answer in run])
        text = f"not played: {releases} ({_first_line(run[-1].reason)})"
        yield from wrap(printable(text), width, subsequent_indent="  ")


def _all_ranges(result: BisectResult) -> Iterator[str]:
    for run in ranges(result.answers, lambda answer: answer.in_short):
        releases = range_text([answer.release for answer in run])
        yield f"  {releases:<21} {run[-1].in_short}"


def _boundary_lines(installer: str, boundary: Boundary) -> Iterator[str]:
    names = ("last bad", "first good") if boundary.is_repair else ("last good", "first bad")
    for name, answer in zip(names, (boundary.before, boundary.after), strict=True):
        yield f"{name:<11} {answer_line(installer, answer)}"
    if boundary.between:
        releases = range_text([answer.release for answer in boundary.between])
        count = len(boundary.between)
        yield f"{'':<11} between them {many(count, 'release')} could not be judged: {releases}"


def _no_boundary(result: BisectResult) -> str:
    judged = result.judged
    if not judged:
        return "no release could be judged, so nothing is known of a boundary"
    oldest, newest = judged[0], judged[-1]
    what = "behaves" if oldest.behaves else "misbehaves"
    if result.is_exhaustive:
        return f"no boundary: every release that could be judged {what}"
    return (
        f"no boundary: {oldest.release}, the oldest that could be judged, {what}, and so does the "
        f"newest, {newest.release}; a change and its opposite between them would be found with "
        "--exhaustive"
    )


def _effort(result: BisectResult) -> str:
    remembered = len(result.answers) - result.plays
    before = f", {remembered} played before" if remembered else ""
    return f"{many(result.plays, 'play')}{before}, of {many(result.releases, 'release')}"


def _kind(reason: str) -> str:
    """Return a reason without what names the release."""
    return _first_line(reason).partition(" has no ")[2]


def _first_line(text: str) -> str:
    return printable(next(iter(text.splitlines()), ""))
