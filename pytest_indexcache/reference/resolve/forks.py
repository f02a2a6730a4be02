"""Find the resolutions that a project needs if some of its extras and groups conflict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from pytest_indexcache.errors import UsageError
from pytest_indexcache.reference.project.project import GROUP_PREFIX, ProjectDefinition
from pytest_indexcache.reference.resolve.conditions import Choice
from pytest_indexcache.reference.resolve.needs import reach

_MOST_FORKS: Final = 256


@dataclass(frozen=True, slots=True)
class Fork:
    """One resolution of a project, for one selection from its conflicting names.

    ``choice`` contains the conflicting names that are selected in this fork; ``selected`` contains
    all selected names. An extra is represented by its name, a group by ``group:NAME``. Names
    without a conflict are selected in every fork, so that all forks use the same versions.
    ``active`` contains the selected names and the extras that they include, as in ``all =
    ["demo[cpu]"]``.
    """

    choice: Choice
    selected: frozenset[str]
    active: frozenset[str]


@dataclass(frozen=True, slots=True)
class Forks:
    """The forks of a project, and its conflicting extras and groups.

    ``exclusive`` contains pairs of names that conflict, and single names that can never be
    selected.
    """

    forks: tuple[Fork, ...]
    exclusive: tuple[Choice, ...]


def fork_project(definition: ProjectDefinition) -> Forks:
    """Return a fork for every possible choice of conflicting names; all other names are selected.

    An extra or group to which a source is restricted is also treated like a conflicting name,
    because selecting it must not change the source for other packages.

    :raises UsageError: if there are more forks than can be resolved in reasonable time
    """
    included = _inclusions(definition)
    exclusive = tuple(
        frozenset(pair)
        for pair in combinations_with_replacement(sorted(included), 2)
        if _collide(pair, included, definition.conflicts)
    )
    restricting = _restricting(definition)
    forked = {name for name in included if included[name] & restricting}.union(*exclusive)
    free = included.keys() - forked
    forks = []
    for choice in _choices_of(forked, exclusive, definition.file):
        selected = choice | free
        active = selected.union(*(included[name] for name in selected))
        forks.append(Fork(choice, selected, active))
    return Forks(tuple(forks), exclusive)


def split_names(
    names: Iterable[str],
) -> tuple[frozenset[NormalizedName], frozenset[NormalizedName]]:
    """Separate names into extras and groups; the prefix of the groups is removed."""
    extras, groups = set(), set()
    for name in names:
        if name.startswith(GROUP_PREFIX):
            groups.add(canonicalize_name(name.removeprefix(GROUP_PREFIX)))
        else:
            extras.add(canonicalize_name(name))
    return frozenset(extras), frozenset(groups)


def _inclusions(definition: ProjectDefinition) -> dict[str, frozenset[str]]:
    """Map every extra and group to itself and to all extras of the project that it includes."""
    own: dict[str, tuple[Requirement, ...]] = dict(definition.optional_dependencies.items())
    for name, requirements in definition.dependency_groups.items():
        own[GROUP_PREFIX + name] = requirements
    direct = {
        name: {
            canonicalize_name(extra)
            for requirement in requirements
            if canonicalize_name(requirement.name) == definition.name
            for extra in requirement.extras
        }
        for name, requirements in own.items()
    }
    return {name: frozenset(reach([name], direct)) for name in own}


def _collide(
    names: Iterable[str],
    included: Mapping[str, frozenset[str]],
    conflicts: Iterable[frozenset[str]],
) -> bool:
    """Return whether two of the names, or of the extras they include, are in one conflict."""
    active = frozenset().union(*(included[name] for name in names))
    return any(len(active & conflict) > 1 for conflict in conflicts)


def _restricting(definition: ProjectDefinition) -> frozenset[str]:
    """Return the extras and groups that sources are restricted to."""
    sources = [source for entries in definition.sources.values() for source in entries]
    extras = (source.extra for source in sources if source.extra is not None)
    groups = (GROUP_PREFIX + source.group for source in sources if source.group is not None)
    return frozenset((*extras, *groups))


def _choices_of(
    names: Iterable[str], exclusive: Iterable[Choice], file: Path
) -> tuple[Choice, ...]:
    """Return all selections without a conflict; the empty selection comes first.

    :raises UsageError: if there are too many selections
    """
    allowed = [frozenset[str]()]
    for name in sorted(names):
        larger = [choice | {name} for choice in allowed]
        allowed += [choice for choice in larger if not any(pair <= choice for pair in exclusive)]
        if len(allowed) > _MOST_FORKS:
            raise UsageError(
                f"{file}: its conflicts and sources make more than {_MOST_FORKS} combinations of"
                " extras, which are not resolved",
                hint="put more extras in one conflict",
            )
    return tuple(sorted(allowed, key=lambda choice: (len(choice), sorted(choice))))
