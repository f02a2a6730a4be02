"""Use resolvelib to find one set of releases that meets every requirement.

This module resolves the requirements on a command line into pins. A project is resolved into a lock
by the module ``project_resolver`` in :mod:`pytest_indexcache.reference.lock`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import NormalizedName
from packaging.version import Version
from resolvelib import BaseReporter, ResolutionImpossible, ResolutionTooDeep
from resolvelib.resolvers import Resolution as Search
from resolvelib.structs import State

from pytest_indexcache.errors import UnsatisfiableError
from pytest_indexcache.reference.index.finder import Finder
from pytest_indexcache.reference.resolve.direct import DirectCandidates
from pytest_indexcache.reference.resolve.look_ahead import LookAhead
from pytest_indexcache.reference.resolve.metadata import MetadataReader
from pytest_indexcache.reference.resolve.needs import Candidate, Key, Need, Rules, reach
from pytest_indexcache.reference.resolve.provider import Provider
from pytest_indexcache.reference.words.packages import Pin

_MOST_ROUNDS: Final = 200_000

Preferences = Mapping[NormalizedName, Collection[Version]]
"""Maps projects to locked or installed versions, which are kept if they meet every need."""


@dataclass(frozen=True)
class Resolution:
    """The result of resolvelib: the candidate for each key, and the keys that each key needs."""

    candidates: Mapping[Key, Candidate]
    needed: Mapping[Key, tuple[Key, ...]]
    pins: Mapping[NormalizedName, Pin]

    def reachable(self, keys: Iterable[Key]) -> frozenset[NormalizedName]:
        """Return the projects for these keys, and all projects that those need, even indirectly."""
        return frozenset(name for name, _ in reach(keys, self.needed))


def resolve_requirements(
    requirements: Iterable[Requirement],
    finder: Finder,
    metadata: MetadataReader,
    rules: Rules,
    *,
    most_requests: int,
) -> tuple[Pin, ...]:
    """Resolve the requirements on a command line into pins, sorted by name.

    ``rules`` contains the sources of projects, including the folders given with ``-e``. At most
    ``most_requests`` requests are sent at the same time.

    :raises UnsatisfiableError: if no set of releases meets the requirements
    :raises UsageError: if a requirement or a source names something that cannot be installed
    """
    needs = rules.needs(requirements)
    with LookAhead(finder, metadata, most_requests) as ahead:
        resolution = resolve_needs(needs, ahead, DirectCandidates(metadata), rules)
    return tuple(resolution.pins[name] for name in sorted(resolution.pins))


def pin_warnings(pins: Iterable[Pin]) -> Iterator[str]:
    """Yield a warning for each yanked file, with the reason, and for each unknown extra."""
    for pin in pins:
        for extra in pin.unknown_extras:
            yield f"Warning: {pin.name} {pin.version or ''}".rstrip() + f" has no extra {extra!r}"
        if pin.file is not None and pin.file.yanked is not None:
            reason = " ".join(pin.file.yanked.split())
            yield f"Warning: {pin.name} {pin.version} was yanked" + (reason and f": {reason}")


def resolve_needs(
    needs: Sequence[Need], ahead: LookAhead, direct: DirectCandidates, rules: Rules
) -> Resolution:
    """Run resolvelib, and return its result as a :class:`Resolution`.

    If no set of releases meets the needs, pages that were reused from the cache are requested again
    before an error is raised, because a suitable release may have been published since.

    :raises UnsatisfiableError: if no set of releases meets the needs
    """
    provider = Provider(needs, ahead, direct, rules)
    provider.expect(needs)
    try:
        state = Search(provider, BaseReporter()).resolve(needs, max_rounds=_MOST_ROUNDS)
    except ResolutionImpossible as error:
        if provider.look_again(error.causes):
            return resolve_needs(needs, ahead, direct, rules)
        raise provider.explain(error.causes) from error
    except ResolutionTooDeep as error:
        raise UnsatisfiableError(
            f"gave up after {error.round_count} rounds without a set of releases that fits",
            hint="narrow the requirements: ask for newer versions, or pin some",
        ) from error
    needed = _find_needed(state)
    reached = reach((need.key for need in needs), needed)
    candidates = {key: state.mapping[key] for key in state.mapping if key in reached}
    extras: dict[NormalizedName, list[NormalizedName]] = {}
    for name, extra in candidates:
        extras.setdefault(name, []).extend([extra] if extra else [])
    pins = {name: provider.pin_of(candidates[name, None], extras[name]) for name in extras}
    return Resolution(candidates, needed, pins)


def _find_needed(state: State[Need, Candidate, Key]) -> dict[Key, tuple[Key, ...]]:
    """Return the keys that each chosen candidate needs.

    resolvelib 1.2.1 also builds this graph, but recurses endlessly if projects need each other and
    only a release that was discarded needs them.
    """
    needed: dict[Key, tuple[Key, ...]] = dict.fromkeys(state.mapping, ())
    for key, criterion in state.criteria.items():
        for parent in criterion.iter_parent():
            if parent is not None and state.mapping.get(parent.key) == parent:
                needed[parent.key] += (key,)
    return needed
