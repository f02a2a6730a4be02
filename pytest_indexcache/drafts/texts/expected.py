"""The versions that a step of a draft is expected to install."""

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
    """Return the version of each requirement that exactly one release of the draft meets.

    ``wanted`` are requirements that the step installs in any case; the requirements of its extras
    and groups are added. If a source applies to an extra or group of the step, only releases of its
    index are considered.
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
    """Return the indexes that a project's sources name for the step's extras and groups."""
    named = {("extra", name) for name in step.keys.get("extras", ())}
    named |= {("group", name) for name in step.keys.get("groups", ())}
    return {
        str(source["index"])
        for source in words.sources.get(project, ())
        if named & set(source.items())
    }
