"""Format the result of a bisect as lines for a terminal."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from textwrap import wrap

from pytest_indexcache.printable import printable
from pytest_indexcache.reports.words.releases import range_text, ranges
from pytest_indexcache.reports.words.wording import many
from pytest_indexcache.run.bisect.results import BisectResult, Boundary, ReleaseVerdict

NO_DATE = "no date   "
WIDEST = 110
"""The maximum line length in characters, even if the terminal is wider."""

MOST_CHECKS = 3
MOST_CHARACTERS = 100
"""The maximum number of characters that a line shows of a failed check."""

_BUILDS = {
    "uv": "target/debug/uv",
    "pip": ".venv/bin/pip",
    "poetry": ".venv/bin/poetry",
    "pdm": ".venv/bin/pdm",
}
"""For each installer, the path of the executable that a build creates in the source checkout."""


def answer_line(installer: str, answer: ReleaseVerdict) -> str:
    """Return a line about a release, such as ``uv 0.8.11   2025-08-14  misbehaves at step 3``."""
    remark = " (played before)" if answer.remembered else ""
    failed = f" ({_named(answer.failed)})" if answer.failed and answer.behaves is False else ""
    reason = f": {_first_line(answer.reason)}" if answer.reason else ""
    day = answer.uploaded or NO_DATE
    return f"{installer} {answer.release:<9} {day}  {answer.in_short}{failed}{reason}{remark}"


def _named(failed: Sequence[str], limit: int | None = MOST_CHARACTERS) -> str:
    """Return the first failed checks, followed by ``and 2 more`` if there are others."""
    named = "; ".join(printable(text, limit) for text in failed[:MOST_CHECKS])
    more = len(failed) - MOST_CHECKS
    return f"{named}; and {more} more" if more > 0 else named


def bisect_lines(result: BisectResult, scenario: str, width: int) -> Iterator[str]:
    """Yield the lines of a bisect's result, wrapped to ``width`` characters.

    ``scenario`` is the name or path of the scenario as the user gave it on the command line.
    """
    yield from wrap(printable(result.title), width)
    if result.issue:
        yield printable(result.issue)
    yield ""
    if result.is_exhaustive:
        yield from _all_ranges(result)
        yield ""
    for boundary in result.boundaries:
        yield from _boundary_lines(result.installer, boundary, width)
        yield ""
    if not result.boundaries:
        yield from wrap(no_change_text(result), min(width, WIDEST))
        yield ""
    yield from wrap(summary_line(result), width)
    for line in unjudged_lines(result):
        yield from _wrapped(line, width, 0)
    if _is_shortened(result):
        yield "--json writes every check and reason in full"
    yield from _way_on(result, scenario, width)


def _is_shortened(result: BisectResult) -> bool:
    """Return whether the printed lines omit a part of a failed check or of a reason."""
    shown = [verdict for change in result.boundaries for verdict in (change.before, change.after)]
    is_cut = any(
        len(answer.failed) > MOST_CHECKS
        or max(map(len, answer.failed), default=0) > MOST_CHARACTERS
        for answer in shown
    )
    unjudged = (
        verdict for verdict in (*result.lacking, *result.answers) if verdict.behaves is None
    )
    return is_cut or any(not verdict.reason.endswith(reason_kind(verdict)) for verdict in unjudged)


def _all_ranges(result: BisectResult) -> Iterator[str]:
    for run in ranges(result.answers, lambda answer: (answer.in_short, answer.signature)):
        releases = range_text([answer.release for answer in run])
        yield f"  {releases:<21} {run[-1].in_short}"


def _boundary_lines(installer: str, boundary: Boundary, width: int) -> Iterator[str]:
    sure = " (flaky: repeated plays gave other results)" if boundary.is_flaky else ""
    yield f"{boundary.kind} {boundary.after.release}{sure}"
    readable = min(width, WIDEST)
    for name, answer in zip(side_names(boundary), (boundary.before, boundary.after), strict=True):
        day = answer.uploaded or NO_DATE
        yield f"  {name:<11} {installer} {answer.release:<9} {day}  {answer.in_short}"
        yield from _wrapped(_named(answer.failed), readable, 14)
    yield from (f"  {'':<11} {line}" for line in _between(boundary))
    yield from (f"  {line}" for line in again_lines(boundary))
    yield from cause_lines(boundary, readable)
    if boundary.compare_url:
        yield f"  {boundary.compare_url}"


def _wrapped(text: str, width: int, indent: int) -> list[str]:
    """Wrap text at spaces only, so that no name or header field is split."""
    return wrap(
        printable(text),
        width,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + 2),
        break_on_hyphens=False,
        break_long_words=False,
    )


def side_names(boundary: Boundary) -> tuple[str, str]:
    """Return labels for the two releases of a change, such as ``last bad`` and ``first good``."""
    return {
        "mends": ("last bad", "first good"),
        "breaks": ("last good", "first bad"),
        "changes": ("before", "after"),
    }[boundary.kind]


def again_lines(boundary: Boundary, limit: int | None = MOST_CHARACTERS) -> Iterator[str]:
    """Yield lines about repeated plays of the two releases of a change.

    ``limit`` is the maximum number of characters shown of each failed check; None means no limit.
    """
    if not boundary.again:
        return
    if not boundary.is_flaky:
        times = len(boundary.again) // 2
        often = "twice" if times == 1 else f"{times + 1} times"
        yield f"both were played {often}, with the same result"
        return
    for first in (boundary.before, boundary.after):
        others = [verdict for verdict in boundary.again if verdict.release == first.release]
        if not all(other.agrees_with(first) for other in others):
            gave = ", then ".join(_gave(verdict, limit) for verdict in (first, *others))
            yield printable(f"{first.release} gave: {gave}")


def _gave(answer: ReleaseVerdict, limit: int | None) -> str:
    failed = f" ({_named(answer.failed, limit)})" if answer.failed else ""
    return f"{answer.in_short}{failed}"


def cause_lines(boundary: Boundary, width: int) -> Iterator[str]:
    """Yield lines that explain why the bad release of a change misbehaves."""
    bad = boundary.bad
    if not bad.causes:
        return
    yield f"  why {bad.release} misbehaves:"
    for cause in bad.causes:
        yield from _wrapped(cause, width, 4)


def _between(boundary: Boundary) -> Iterator[str]:
    if boundary.between:
        releases = range_text([answer.release for answer in boundary.between])
        count = many(len(boundary.between), "release")
        yield f"between them {count} could not be judged: {releases}"
    if boundary.unasked:
        yield f"between them {many(boundary.unasked, 'release')} was not played".replace(
            "releases was", "releases were"
        )


def no_change_text(result: BisectResult) -> str:
    """Return a sentence that says why a bisect found no change."""
    judged = result.judged
    if not judged:
        return "no release could be judged, so no change could be looked for"
    behaves = "behaves" if judged[0].behaves else f"misbehaves at step {judged[0].step}"
    every = "every release" if result.is_exhaustive else f"each of the {len(judged)} releases"
    oldest, newest = judged[0].release, judged[-1].release
    return f"no change: {every} that could be judged {behaves}, from {oldest} to {newest}"


def summary_line(result: BisectResult) -> str:
    """Return how many plays a bisect needed, such as ``7 plays, of 94 releases``."""
    remembered = sum(1 for answer in result.answers if answer.remembered and answer.was_played)
    again = f" ({result.again} again)" if result.again else ""
    before = f", {remembered} played before" if remembered else ""
    releases = many(len(result.releases), "release")
    return f"{many(result.plays, 'play')}{again}{before}, of {releases}"


def unjudged_lines(result: BisectResult) -> Iterator[str]:
    """Yield a line about releases that were not played, and one about those without a verdict."""
    yield from _unlooked(result)
    yield from _passed_over(result)


def _unlooked(result: BisectResult) -> Iterator[str]:
    """Yield one line that lists the releases that were not played, longest range first."""
    runs = sorted(result.unlooked, key=len, reverse=True)
    if not runs:
        return
    total = many(sum(map(len, runs)), "release")
    yield f"not played: {total}: " + ", ".join(
        f"{range_text(run)} ({len(run)})" if len(run) > 1 else run[0] for run in runs
    )


def _passed_over(result: BisectResult) -> Iterator[str]:
    """Yield one line that lists the releases that could not be judged, grouped by reason."""
    order = {release: place for place, release in enumerate(result.releases)}
    answered = sorted((*result.lacking, *result.answers), key=lambda answer: order[answer.release])
    groups: dict[str, list[list[ReleaseVerdict]]] = {}
    for run in ranges(
        answered, lambda answer: reason_kind(answer) if answer.behaves is None else None
    ):
        if run[0].behaves is None:
            groups.setdefault(reason_kind(run[0]), []).append(run)
    if not groups:
        return
    largest_first = sorted(groups.items(), key=lambda group: -sum(map(len, group[1])))
    parts = [f"{_runs_text(runs)} ({kind})" for kind, runs in largest_first]
    count = sum(1 for answer in answered if answer.behaves is None)
    yield f"not judged: {many(count, 'release')}: {', '.join(parts)}"


def _runs_text(runs: Sequence[Sequence[ReleaseVerdict]]) -> str:
    return ", ".join(range_text([answer.release for answer in run]) for run in runs)


def reason_kind(answer: ReleaseVerdict) -> str:
    """Return a short form of the reason why a release could not be judged, for grouping.

    The short form omits the installer, its release, and everything after the first colon.
    """
    text = _first_line(answer.reason)
    text = re.sub(r"^\w+==[\w.]+: ", "", text)
    return re.sub(r"^\w+ [\d.]+ (?=\w)", "", text).partition(": ")[0]


def _way_on(result: BisectResult, scenario: str, width: int) -> Iterator[str]:
    """Yield commands with which the user can play their own build, one for each misbehaviour."""
    build = _BUILDS.get(result.installer)
    if build is None or not result.boundaries:
        return
    yield ""
    yield "to continue with your own build, by hand or with git bisect run:"
    for boundary in unique_ways(result):
        play, how = play_command(boundary, scenario, f"{result.installer}@{build}")
        if len(play) + len(how) + 3 <= width:
            yield f"  {play} {how}"
        else:
            yield f"  {play} \\"
            yield f"    {how}"


def unique_ways(result: BisectResult) -> list[Boundary]:
    """Return the newest change for each misbehaviour that a release fixed or introduced."""
    ways = {
        (boundary.bad.signature, boundary.is_repair): boundary for boundary in result.boundaries
    }
    return list(ways.values())


def play_command(boundary: Boundary, scenario: str, spec: str) -> tuple[str, str]:
    """Return an ``indexcache play`` command line in two parts.

    The second part contains the options that describe the misbehaviour. With these options, the
    exit code tells whether the build has this misbehaviour.
    """
    how = ["--signature", boundary.bad.signature or "", *(["--swap"] if boundary.is_repair else [])]
    return shlex.join(["indexcache", "play", scenario, "--installer", spec]), shlex.join(how)


def _first_line(text: str) -> str:
    return printable(next(iter(text.splitlines()), ""))
