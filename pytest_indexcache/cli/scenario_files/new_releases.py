"""Choose the releases on a new scenario's index: one for each required project."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from pytest_indexcache.errors import CommandError

OWN_NAME: Final = "project"
"""The name of a scenario's project, unless the file sets another."""


@dataclass(frozen=True)
class NewRelease:
    """A release that meets the requirements for a project.

    ``is_named`` is false if the version was guessed. ``is_installed`` is false if the markers of
    all requirements for the project exclude this machine.
    """

    project: str
    version: str
    extras: Sequence[str]
    specifier: SpecifierSet
    is_named: bool
    is_installed: bool

    @property
    def later_version(self) -> str | None:
        """A later version that the requirements allow, or None if no version can be guessed."""
        release = Version(self.version)
        parts = [*release.release, 0]
        guesses = (f"{parts[0]}.{parts[1] + 1}", f"{release.public}.1", f"{parts[0] + 1}.0")
        later = (Version(text) for text in guesses if not release.is_prerelease)
        return next(
            (str(version) for version in later if version > release and version in self.specifier),
            None,
        )


def new_releases(texts: Sequence[str]) -> list[NewRelease]:
    """Return a release for each required project.

    :raises CommandError: if a requirement is invalid, if no version that meets the requirements for
        a project is found, or if markers exclude all projects on this machine
    """
    projects: dict[str, list[Requirement]] = {}
    for text in texts:
        requirement = _requirement(text)
        projects.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    releases = [_release(project, listed) for project, listed in projects.items()]
    if releases and not any(release.is_installed for release in releases):
        here = f"Python {platform.python_version()} on {sys.platform}"
        raise CommandError(
            f"the markers of {', '.join(map(repr, texts))} exclude {here}: nothing would be "
            "installed, so the scenario would measure nothing",
            "give a requirement without a marker, and edit the file afterwards",
        )
    return releases


def _requirement(text: str) -> Requirement:
    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        reason = str(error).splitlines()[0]
        raise CommandError(f"{text!r} is not a requirement: {reason}", "write six==1.0") from error
    if requirement.url:
        raise CommandError(
            f"{text!r} names a URL, not a release of an index", "write six==1.0, and edit the file"
        )
    if canonicalize_name(requirement.name) == OWN_NAME:
        raise CommandError(
            f"{text!r} is the name of the scenario's own project, which is not downloaded",
            "give the name of another project",
        )
    return requirement


def _release(project: str, requirements: Sequence[Requirement]) -> NewRelease:
    specifier = SpecifierSet()
    for requirement in requirements:
        specifier &= requirement.specifier
    named = next((version for version in _guesses(specifier) if _meets(version, specifier)), None)
    if named is None:
        shown = ", ".join(repr(str(requirement)) for requirement in requirements)
        raise CommandError(
            f"{shown}: no version that meets this could be guessed", "write six==1.0"
        )
    exact = {clause.version for clause in specifier if clause.operator in ("==", "===")}
    return NewRelease(
        project,
        str(named),
        sorted({extra for requirement in requirements for extra in requirement.extras}),
        specifier,
        is_named=any(not version.endswith(".*") for version in exact),
        is_installed=any(
            wanted.marker is None or wanted.marker.evaluate() for wanted in requirements
        ),
    )


def _guesses(specifier: SpecifierSet) -> Iterator[Version]:
    """Yield the versions that a specifier mentions, then later versions, then 1.0."""
    named = [Version(clause.version.removesuffix(".*")) for clause in specifier]
    yield from named
    yield from (Version(f"{version.public}.1") for version in named if not version.is_prerelease)
    yield Version("1.0")


def _meets(version: Version, specifier: SpecifierSet) -> bool:
    return specifier.contains(version, prereleases=True)
