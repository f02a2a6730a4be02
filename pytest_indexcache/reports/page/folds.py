"""Group the plays on a page: consecutive releases by result, and results by cause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pytest_indexcache.reports.page.plays import PagePlay
from pytest_indexcache.reports.words.releases import in_order, ranges, span_of
from pytest_indexcache.reports.words.wording import in_short_with_remark, place_of_interest
from pytest_indexcache.run.plays.results import BEHAVES, Check, Verdict
from pytest_indexcache.run.plays.results.cause_texts import cause_outline


@dataclass(frozen=True)
class Fold:
    """Plays of consecutive releases with the same result in a scenario, oldest release first."""

    plays: tuple[PagePlay, ...]

    @property
    def newest(self) -> PagePlay:
        """The play of the newest release."""
        return self.plays[-1]

    @property
    def span(self) -> str:
        """The range and number of the releases, such as ``0.8.0 - 0.8.11, 12 played``.

        A single release is shown without a number. If the release is unknown, the text is empty.
        """
        releases = list(dict.fromkeys(play.release for play in self.plays))
        span = span_of(self.newest.family, releases)
        return f"{span}, {len(releases)} played" if len(releases) > 1 else span


def fold(plays: Iterable[PagePlay]) -> list[Fold]:
    """Group plays of consecutive releases with the same result and the same cause.

    The groups are in the order in which their scenario and installer first occur in ``plays``.
    """
    grouped: dict[tuple[str, str], list[PagePlay]] = {}
    for play in plays:
        grouped.setdefault((play.result.scenario, play.family), []).append(play)
    folds = []
    for same in grouped.values():
        places = {
            release: place
            for place, release in enumerate(in_order(other.release for other in same))
        }
        ordered = sorted(same, key=lambda play: places[play.release])
        folds += [Fold(tuple(run)) for run in ranges(ordered, _ending)]
    return folds


def _ending(play: PagePlay) -> object:
    return in_short_with_remark(play.result), cause_key(play)


@dataclass(frozen=True)
class CommonCause:
    """A cause that several plays share.

    ``text`` is the cause of the first play. ``is_exact`` is false if other plays' causes differ
    from it in names or numbers. ``folds`` contains indexes into the list of folds. ``count`` is the
    number of plays.
    """

    text: str
    is_exact: bool
    folds: tuple[int, ...]
    count: int


def by_common_cause(folds: Sequence[Fold]) -> list[CommonCause]:
    """Group folds with unexpected results by cause, and put causes that need attention first.

    Otherwise, causes with more plays come first.
    """
    grouped: dict[str, list[int]] = {}
    for number, folded in enumerate(folds):
        key = cause_key(folded.newest)
        if key:
            grouped.setdefault(key, []).append(number)
    causes = []
    for numbers in grouped.values():
        plays = [play for number in numbers for play in folds[number].plays]
        texts = {_cause_text(play) for play in plays}
        first = _cause_text(folds[numbers[0]].newest)
        interest = min(place_of_interest(play.result) for play in plays)
        causes.append((interest, CommonCause(first, len(texts) == 1, tuple(numbers), len(plays))))
    causes.sort(key=lambda pair: (pair[0], -pair[1].count))
    return [cause for _, cause in causes]


def cause_key(play: PagePlay) -> str:
    """Return the cause of a play without names and numbers, or "".

    Plays with the same key have a common cause. The key is empty if the play behaved or was
    skipped.
    """
    text = _cause_text(play)
    check = _first_failed(play)
    return cause_outline(text, "" if check is None else check.subject)


def _cause_text(play: PagePlay) -> str:
    result = play.result
    if result.verdict is Verdict.SKIPPED:
        return ""
    if result.verdict is Verdict.FIXED:
        return "every expectation holds, although [affected] lists the release"
    check = _first_failed(play)
    if result.verdict in BEHAVES:
        return ""
    reason = next(iter(result.reason.splitlines()), "")
    if reason or check is None:
        return reason or f"{result.verdict}, and no reason is known"
    if check.causes:
        return check.causes[0]
    return f"{check.key}: expected {check.expected}, seen {check.seen}"


def _first_failed(play: PagePlay) -> Check | None:
    """Return the first failed check that has a cause, or else the first failed check, or None."""
    step = play.result.failed_step
    failed = [check for check in step.checks if not check.held] if step else []
    return next((check for check in failed if check.causes), failed[0] if failed else None)
