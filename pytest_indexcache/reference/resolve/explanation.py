"""Explain why no set of releases meets the requirements, in a way that helps the user."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from packaging.utils import NormalizedName
from packaging.version import Version
from resolvelib.structs import RequirementInformation

from pytest_indexcache.errors import UnsatisfiableError
from pytest_indexcache.reference.index.finder import ProjectReleases
from pytest_indexcache.reference.project.project import GROUP_PREFIX
from pytest_indexcache.reference.resolve.needs import Candidate, Need, Rules

_MOST_VERSIONS: Final = 8
_MOST_LINES: Final = 12
_LONGEST_CHAIN: Final = 4

Cause = RequirementInformation[Need, Candidate]
"""A conflicting need, and the candidate that has this need."""


@dataclass(frozen=True)
class Failure:
    """A failed resolution: the conflicting needs, and the facts that explain the conflict.

    For the projects in the conflict, ``found`` contains the releases on the indexes, and ``direct``
    the candidates from a URL or a path. ``askers`` maps each project to a candidate that needs it.
    """

    causes: Collection[Cause]
    rules: Rules
    found: Mapping[NormalizedName, ProjectReleases]
    direct: Mapping[NormalizedName, Candidate]
    askers: Mapping[NormalizedName, Candidate]

    def explain(self) -> UnsatisfiableError:
        """Return an error that tells the user why the resolution failed."""
        names = list(dict.fromkeys(cause.requirement.name for cause in self.causes))
        lines = [f"no set of releases meets the requirements on {_join(names)}:"]
        for name in names:
            of_name = [cause for cause in self.causes if cause.requirement.name == name]
            lines.extend(_shorten(dict.fromkeys(map(self._describe_cause, of_name))))
            lines.extend(self._describe_project(name))
        return UnsatisfiableError("\n  - ".join(lines), hint=self._hint())

    def _describe_cause(self, cause: Cause) -> str:
        need, parent = cause
        if parent is None:
            return f"{_describe_asker(need)} requires {need}"
        if need.problem is not None:
            return f"{parent} cannot be used: {need.problem}"
        if need.same_as is not None:
            return f"{parent} is an extra of {need.same_as}"
        return f"{parent}{self._chain(parent)} requires {need}"

    def _chain(self, candidate: Candidate) -> str:
        """Describe the chain of candidates that leads to this one; empty if there is no chain."""
        chain: list[str] = []
        seen = {candidate.name}
        asker = self.askers.get(candidate.name)
        while asker is not None and asker.name not in seen and asker.name != self.rules.project:
            chain.append(str(asker))
            seen.add(asker.name)
            asker = self.askers.get(asker.name)
        if not chain:
            return ""
        shown = chain[:_LONGEST_CHAIN] + ["others"] * (len(chain) > _LONGEST_CHAIN)
        return f" (needed by {', by '.join(shown)})"

    def _describe_project(self, name: NormalizedName) -> Iterator[str]:
        constraint = self.rules.constraints.get(name)
        if constraint is not None:
            yield f"a constraint allows {name}{constraint}"
        if name in self.direct:
            yield f"{self.direct[name].origin.location} has {self.direct[name]}"
        if name in self.found:
            yield from _describe_releases(self.found[name])

    def _hint(self) -> str:
        missing = [name for name, found in self.found.items() if found.unknown]
        if missing:
            verb = "is" if len(missing) == 1 else "are"
            return (
                f"{_join(missing)} {verb} not in the cache, and could not be asked for because the"
                " network is disabled; run once without --offline"
            )
        if len(set(filter(None, map(self._choice_behind, self.causes)))) > 1:
            return (
                "if these extras or groups are never wanted together, list them in conflicts of"
                " [tool.indexcache]; else loosen one of the requirements"
            )
        return "loosen one of these requirements, or replace it with an override"

    def _choice_behind(self, cause: Cause) -> str | None:
        """Return the project's extra or group from which a conflicting need comes, or None."""
        need, parent = cause
        if parent is None:
            return need.asked_by if need.asked_by != self.rules.project else None
        return parent.extra if parent.name == self.rules.project else None


def _describe_asker(need: Need) -> str:
    if need.asked_by is None:
        return "the command line"
    if need.asked_by.startswith(GROUP_PREFIX):
        return f"the dependency group {need.asked_by.removeprefix(GROUP_PREFIX)}"
    return f"the project {need.asked_by}"


def _shorten(lines: Iterable[str]) -> list[str]:
    every = list(lines)
    kept = every[:_MOST_LINES]
    return kept if len(kept) == len(every) else [*kept, f"and {len(every) - len(kept)} more"]


def _describe_releases(found: ProjectReleases) -> Iterator[str]:
    places = _join([index.public_url for index in found.asked])
    if found.releases:
        versions = [release.version for release in found.releases]
        yield f"{found.project} at {places}: {_list_versions(versions)}"
        yanked = [release.version for release in found.releases if release.is_yanked]
        if yanked:
            yield f"yanked, so taken only if asked for with ==: {_list_versions(yanked)}"
        early = [version for version in versions if version.is_prerelease]
        if early and len(early) < len(versions):
            yield f"pre-releases, so taken only if asked for: {_list_versions(early)}"
    elif found.asked:
        yield f"{found.project} has nothing to install at {places}"
    for reason, rejected in found.rejected.items():
        yield f"{found.project} {_list_versions(rejected)}: {reason}"
    if found.unknown:
        unknown = _join([index.public_url for index in found.unknown])
        yield f"{found.project} was not found in the cache for {unknown}"


def _list_versions(versions: Iterable[Version]) -> str:
    newest = sorted(versions, reverse=True)
    text = ", ".join(map(str, newest[:_MOST_VERSIONS]))
    rest = len(newest) - _MOST_VERSIONS
    return f"{text} and {rest} more" if rest > 0 else text


def _join(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
