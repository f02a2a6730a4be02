"""Predict the versions that a step of a draft installs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pytest_indexcache.drafts.facts.command_steps import CommandStep
from pytest_indexcache.drafts.files.project_files import ProjectWords
from pytest_indexcache.drafts.indexes.placements import Placement


def expected_versions(
    placement: Placement, words: ProjectWords, wanted: Iterable[Requirement], step: CommandStep
) -> dict[str, str]:
    """Return the version for each requirement that exactly one release in the draft meets.

    Requirements of the step's extras and groups are added to ``wanted``. If an extra or group
    selects an index for a project, only releases on this index count.
    """
    releases: dict[str, dict[str, list[str]]] = {}
    for each in placement.releases:
        versions = releases.setdefault(each.release.project, {}).setdefault(each.index, [])
        versions.append(each.release.version)
    found: dict[str, str] = {}
    texts = (*words.keys.get("overrides", ()), *step.keys.get("overrides", ()))
    overrides = {canonicalize_name(each.name): each for each in map(Requirement, texts)}
    for requirement in (*wanted, *_chosen(words, step)):
        name = canonicalize_name(requirement.name)
        specifier = overrides.get(name, requirement).specifier
        homes = _homes(words, name, step)
        of_homes = [
            version
            for index, versions in releases.get(name, {}).items()
            for version in versions
            if not homes or index in homes
        ]
        versions = [each for each in of_homes if specifier.contains(each, prereleases=True)]
        if requirement.marker is None and len(versions) == 1:
            found[name] = versions[0]
    return found


def _chosen(words: ProjectWords, step: CommandStep) -> Iterator[Requirement]:
    for key, table in (("extras", "optional-dependencies"), ("groups", "dependency-groups")):
        for name in step.keys.get(key, ()):
            yield from map(Requirement, words.keys.get(table, {}).get(name, ()))


def _homes(words: ProjectWords, project: str, step: CommandStep) -> set[str]:
    """Return the indexes that the step's extras and groups select for a project."""
    named = {("extra", name) for name in step.keys.get("extras", ())}
    named |= {("group", name) for name in step.keys.get("groups", ())}
    return {
        str(source["index"])
        for source in words.sources.get(project, ())
        if named & set(source.items())
    }
