"""Check counts and amounts by project, filename or pattern."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from pytest_indexcache.run.plays.results import Check
from pytest_indexcache.scenario.values.patterns import is_pattern, name_matcher

Checker = Callable[[int | str, int, str], Check]
"""A function that compares an expected and an actual number for a project, file or pattern."""


@dataclass(frozen=True)
class Counted:
    """An item to be counted, with its project, filename and weight.

    ``label`` is the name under which the item is reported if no expected key matches it.
    """

    project: str
    filename: str
    label: str
    weight: int = 1


def tally(
    expected: Mapping[str, int | str], things: Iterable[Counted], checker: Checker
) -> Iterator[tuple[Check, Sequence[Counted]]]:
    """Yield a check for each expected key, and checks for the items that match none of the keys.

    Items that match no key are unexpected. An item that matches several keys counts only for the
    narrowest one. Each check is yielded with the items that it counts.
    """
    patterns = sorted(expected, key=_breadth)
    by_pattern = _by_pattern(things, patterns)
    for pattern in patterns:
        found = by_pattern.get(pattern, [])
        yield _count(expected[pattern], found, pattern, checker), found
    others = by_pattern.get(None, [])
    for label, weight in sorted(weights(others).items()):
        yield checker(0, weight, label), [other for other in others if other.label == label]


def weights(things: Iterable[Counted]) -> Counter[str]:
    """Return the total weight of the items with each label."""
    found: Counter[str] = Counter()
    for thing in things:
        found[thing.label] += thing.weight
    return found


def _by_pattern(
    things: Iterable[Counted], patterns: Sequence[str]
) -> dict[str | None, list[Counted]]:
    """Group items by the first pattern that they match; items without a match have the key None."""
    places = {pattern: place for place, pattern in enumerate(patterns)}
    matchers = {pattern: name_matcher(pattern) for pattern in patterns if is_pattern(pattern)}
    chosen: dict[tuple[str, ...], str | None] = {}
    found: dict[str | None, list[Counted]] = {}
    for thing in things:
        names = thing.project, thing.filename
        if names not in chosen:
            exact = sorted((name for name in names if name in places), key=places.__getitem__)
            fitting = (pattern for pattern, matches in matchers.items() if any(map(matches, names)))
            chosen[names] = next(chain(exact, fitting), None)
        found.setdefault(chosen[names], []).append(thing)
    return found


def _breadth(pattern: str) -> tuple[bool, bool, int]:
    """Return a sort key that orders patterns from the narrowest to the broadest."""
    return is_pattern(pattern), pattern == "*", -len(pattern)


def _count(
    expected: int | str, matched: Sequence[Counted], pattern: str, checker: Checker
) -> Check:
    by_label = weights(matched)
    if not is_pattern(pattern):
        return checker(expected, sum(by_label.values()), pattern)
    checks = {name: checker(expected, by_label[name], pattern) for name in sorted(by_label)}
    nothing = checker(expected, 0, pattern)
    wrong = {name: check for name, check in checks.items() if not check.held}
    held = not wrong and (bool(checks) or nothing.held)
    shown = ", ".join(f"{name} {check.seen}" for name, check in (wrong or checks).items())
    excess = None if held else any(check.excess for check in wrong.values())
    return Check(
        nothing.kind, f"{expected} each", shown or "none", held, subject=pattern, excess=excess
    )
