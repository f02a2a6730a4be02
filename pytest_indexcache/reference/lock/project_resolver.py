"""Resolve a project with all of its extras and groups into a lock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from packaging.pylock import Package

from pytest_indexcache.errors import UnsatisfiableError
from pytest_indexcache.reference.index.finder import Finder
from pytest_indexcache.reference.lock.lock_packages import package_of
from pytest_indexcache.reference.lock.lockfile import Lockfile, make_lock
from pytest_indexcache.reference.project.project import GROUP_PREFIX, ProjectDefinition
from pytest_indexcache.reference.resolve.conditions import Choice, write_marker
from pytest_indexcache.reference.resolve.core_metadata import CoreMetadata
from pytest_indexcache.reference.resolve.direct import DirectCandidates
from pytest_indexcache.reference.resolve.forks import Fork, Forks, fork_project, split_names
from pytest_indexcache.reference.resolve.look_ahead import LookAhead
from pytest_indexcache.reference.resolve.metadata import MetadataReader
from pytest_indexcache.reference.resolve.needs import (
    Candidate,
    Need,
    Rules,
    group_requirements,
    merge_constraints,
)
from pytest_indexcache.reference.resolve.resolver import (
    Preferences,
    Resolution,
    pin_warnings,
    resolve_needs,
)
from pytest_indexcache.reference.words.packages import Pin, RemoteFile
from pytest_indexcache.reference.words.selection import NOTHING, Selection
from pytest_indexcache.reference.words.sources import PackageSource, select_sources
from pytest_indexcache.system.pythons.target import Target


def resolve_project(
    definition: ProjectDefinition,
    finder: Finder,
    metadata: MetadataReader,
    *,
    most_requests: int,
    preferences: Preferences | None = None,
    lowest: Selection = NOTHING,
    say: Callable[[str], None] = lambda _: None,
) -> Lockfile:
    """Resolve a project with all of its extras and groups in each fork, and return the lock.

    ``preferences`` are versions to keep if they are still suitable, such as those in the previous
    lock. At most ``most_requests`` requests are sent at the same time. For the projects in
    ``lowest``, lower releases are tried first. ``say`` is called with a warning for each yanked
    release.

    :raises UnsatisfiableError: if no set of releases meets the requirements
    :raises UsageError: if the project requires something that cannot be installed
    """
    target = finder.target
    if not definition.requires_python.contains(target.python_version, prereleases=True):
        raise UnsatisfiableError(
            f"{definition.name} needs Python {definition.requires_python}, and this is"
            f" {target.python_version}",
            hint="choose another Python with --python, or change requires-python",
        )
    forks = fork_project(definition)
    direct = DirectCandidates(metadata, {definition.folder: _metadata_of(definition)})
    kept = preferences or {}
    every_rules = [_rules_of(definition, fork, target, kept, lowest) for fork in forks.forks]
    resolutions = []
    with LookAhead(finder, metadata, most_requests) as ahead:
        for fork, rules in zip(forks.forks, every_rules, strict=True):
            roots = _roots_of(definition, fork, rules)
            needs = [need for _, of_root in roots for need in of_root]
            resolutions.append((fork, roots, resolve_needs(needs, ahead, direct, rules)))
    warnings = (text for _, _, found in resolutions for text in pin_warnings(found.pins.values()))
    for warning in dict.fromkeys(warnings):
        say(warning)
    packages = _merge(definition, forks, resolutions, metadata)
    return make_lock(definition, packages, target, forks.exclusive)


def _metadata_of(definition: ProjectDefinition) -> CoreMetadata:
    return CoreMetadata.of_project(
        definition.name,
        definition.version,
        definition.dependencies,
        definition.optional_dependencies.items(),
    )


Roots = Sequence[tuple[str | None, Sequence[Need]]]
"""The direct requirements: the needs of the project itself (None), of each extra and each group."""


def _rules_of(
    definition: ProjectDefinition,
    fork: Fork,
    target: Target,
    preferences: Preferences,
    lowest: Selection,
) -> Rules:
    extras, groups = split_names(fork.active)
    sources = select_sources(
        definition.sources, extras=extras, groups=groups, environment=target.markers
    )
    # A requirement on the project itself means this folder.
    sources[definition.name] = PackageSource(path=definition.folder, editable=True)
    return Rules(
        environment=target.markers,
        sources=sources,
        overrides=group_requirements(definition.overrides),
        constraints=merge_constraints(definition.constraints, target.markers),
        preferences=preferences,
        lowest=lowest,
        project=definition.name,
    )


def _roots_of(definition: ProjectDefinition, fork: Fork, rules: Rules) -> Roots:
    extras, groups = split_names(fork.selected)
    name = definition.name
    roots: list[tuple[str | None, Sequence[Need]]] = [(None, [Need(name, asked_by=name)])]
    roots.extend((extra, [Need(name, extra=extra, asked_by=name)]) for extra in sorted(extras))
    for group in sorted(groups):
        atom = GROUP_PREFIX + group
        needs = rules.needs(definition.dependency_groups[group], asked_by=atom)
        roots.append((atom, needs))
    return roots


def _merge(
    definition: ProjectDefinition,
    forks: Forks,
    resolutions: Iterable[tuple[Fork, Roots, Resolution]],
    metadata: MetadataReader,
) -> Iterator[Package]:
    """Yield each package that is chosen in any fork, with the condition for installing it."""
    wanted: dict[Candidate, tuple[Pin, set[Choice]]] = {}
    for fork, roots, resolution in resolutions:
        for atom, needs in roots:
            choice = fork.choice.union({atom} if atom else ())
            for name in resolution.reachable(need.key for need in needs):
                if name != definition.name or definition.package:
                    found = resolution.candidates[name, None]
                    wanted.setdefault(found, (resolution.pins[name], set()))[1].add(choice)
    choices = [fork.choice for fork in forks.forks]
    for candidate, (pin, selections) in wanted.items():
        files = _with_hashes(candidate.files, metadata)
        marker = write_marker(selections, choices)
        yield package_of(pin, files, marker, definition.folder)


def _with_hashes(files: Sequence[RemoteFile], metadata: MetadataReader) -> tuple[RemoteFile, ...]:
    """Return the files that have a hash; if the first file does not have one, compute it."""
    if not files:
        return ()
    return (metadata.with_hash(files[0]), *(file for file in files[1:] if file.hashes))
