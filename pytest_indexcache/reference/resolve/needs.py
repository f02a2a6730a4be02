"""The values in a resolution: needs, the candidates that may meet them, and the rules."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from pytest_indexcache.errors import UsageError
from pytest_indexcache.reference.words.packages import RemoteFile
from pytest_indexcache.reference.words.selection import NOTHING, Selection
from pytest_indexcache.reference.words.sources import PackageSource
from pytest_indexcache.system.venvs.origins import Origin

Node = TypeVar("Node")

Key = tuple[NormalizedName, NormalizedName | None]
"""A project, or one of its extras: the subject of a need or a candidate."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A release, a URL or a folder that may meet a need.

    ``files`` are the release's files that fit the target, best first; a folder has no files. A
    candidate with an ``extra`` stands for the requirements that this extra adds to ``base``.
    ``version`` is None only for the project's own folder, whose version is not needed. A candidate
    with ``stays`` is already installed; if it meets every need, no request is sent for its project.
    """

    name: NormalizedName
    version: Version | None
    origin: Origin
    files: tuple[RemoteFile, ...] = field(default=(), compare=False)
    extra: NormalizedName | None = None
    stays: bool = field(default=False, compare=False)

    @property
    def key(self) -> Key:
        """The project that the candidate provides, and the extra, if any."""
        return (self.name, self.extra)

    @property
    def base(self) -> Candidate:
        """The same candidate without the extra."""
        return self if self.extra is None else replace(self, extra=None)

    def __str__(self) -> str:
        extra = f"[{self.extra}]" if self.extra else ""
        return f"{self.name}{extra}" + (f" {self.version}" if self.version is not None else "")


@dataclass(frozen=True, slots=True, eq=False)
class Need:
    """A parsed requirement for a project or one of its extras, with all markers evaluated.

    If the need does not come from a candidate, it comes from the project or dependency group
    (``group:NAME``) that ``asked_by`` names, or from the command line if ``asked_by`` is None. If
    ``same_as`` is set, only that candidate can meet the need, because an extra needs exactly its
    base. A need with a ``problem`` cannot be met; the text explains why the candidate with this
    need cannot be used.
    """

    name: NormalizedName
    specifier: SpecifierSet = field(default_factory=SpecifierSet)
    extra: NormalizedName | None = None
    url: str | None = None
    asked_by: str | None = None
    same_as: Candidate | None = None
    problem: str | None = None

    @property
    def key(self) -> Key:
        """The project that is needed, and the extra, if any."""
        return (self.name, self.extra)

    def __str__(self) -> str:
        extra = f"[{self.extra}]" if self.extra else ""
        target = f" @ {self.url}" if self.url else str(self.specifier)
        return f"{self.name}{extra}{target}"


def nothing_installed(name: NormalizedName) -> None:
    """Return None for every project, because nothing is installed."""


@dataclass(frozen=True)
class Rules:
    """The rules for a whole resolution.

    ``environment`` is used to evaluate markers. ``overrides`` replace all requirements for a
    project, ``constraints`` narrow them, and ``preferences`` are the versions to keep if they meet
    every need. ``installed`` returns a project's installed distribution as a candidate that may be
    kept, for example to avoid a downgrade. For the projects in ``lowest``, lower releases are tried
    first. Without ``dependencies``, only the direct requirements are resolved. ``project`` is the
    project that is being resolved, if any.
    """

    environment: Mapping[str, str]
    sources: Mapping[NormalizedName, PackageSource] = field(default_factory=dict)
    overrides: Mapping[NormalizedName, tuple[Requirement, ...]] = field(default_factory=dict)
    constraints: Mapping[NormalizedName, SpecifierSet] = field(default_factory=dict)
    preferences: Mapping[NormalizedName, Collection[Version]] = field(default_factory=dict)
    installed: Callable[[NormalizedName], Candidate | None] = nothing_installed
    lowest: Selection = NOTHING
    dependencies: bool = True
    project: NormalizedName | None = None

    def applying(
        self, requirements: Iterable[Requirement], extra: str | None = None
    ) -> Iterator[Requirement]:
        """Yield the requirements with a true marker, with overrides applied.

        With an ``extra``, only the requirements that this extra adds are yielded; without it, only
        those that do not need an extra.
        """
        for requirement in requirements:
            if not self._applies(requirement, extra):
                continue
            overrides = self.overrides.get(canonicalize_name(requirement.name))
            if overrides is None:
                yield requirement
            else:
                yield from self._replace(requirement, overrides)

    def needs(
        self,
        requirements: Iterable[Requirement],
        extra: str | None = None,
        asked_by: str | None = None,
    ) -> list[Need]:
        """Return the needs for those requirements that apply in this resolution."""
        return [
            need
            for requirement in self.applying(requirements, extra)
            for need in split_requirement(requirement, asked_by)
        ]

    def _applies(self, requirement: Requirement, extra: str | None) -> bool:
        marker = requirement.marker
        if marker is None:
            return extra is None
        plain = marker.evaluate({**self.environment, "extra": ""})
        if extra is None:
            return plain
        return not plain and marker.evaluate({**self.environment, "extra": extra})

    def _replace(
        self, requirement: Requirement, overrides: Iterable[Requirement]
    ) -> Iterator[Requirement]:
        for override in overrides:
            if self._applies(override, None):
                # Requirements are mutable, and this one is shared.
                copy = Requirement(str(override))
                copy.extras = override.extras | requirement.extras
                yield copy


def split_requirement(requirement: Requirement, asked_by: str | None = None) -> Iterator[Need]:
    """Yield the needs for a requirement: one for the project, and one for each extra.

    An extra always needs its project. The need for the project is therefore yielded only if the
    requirement has no extras, or if it narrows the version.
    """
    name = canonicalize_name(requirement.name)
    extras = sorted(map(canonicalize_name, requirement.extras))
    is_narrow = bool(requirement.specifier or requirement.url)
    for extra in (None, *extras) if is_narrow or not extras else extras:
        yield Need(name, requirement.specifier, extra, requirement.url, asked_by)


def reach(start: Iterable[Node], steps: Mapping[Node, Iterable[Node]]) -> set[Node]:
    """Return the start nodes and all nodes that can be reached from them.

    ``steps`` maps a node to the nodes that can be reached from it directly.
    """
    reached, waiting = set[Node](), list(start)
    while waiting:
        node = waiting.pop()
        if node not in reached:
            reached.add(node)
            waiting.extend(steps.get(node, ()))
    return reached


def group_requirements(
    requirements: Iterable[Requirement],
) -> dict[NormalizedName, tuple[Requirement, ...]]:
    """Group requirements by the project that they require."""
    groups: dict[NormalizedName, tuple[Requirement, ...]] = {}
    for requirement in requirements:
        name = canonicalize_name(requirement.name)
        groups[name] = (*groups.get(name, ()), requirement)
    return groups


def merge_constraints(
    constraints: Iterable[Requirement], environment: Mapping[str, str]
) -> dict[NormalizedName, SpecifierSet]:
    """Return the constraints with a true marker, merged into one specifier set for each project.

    :raises UsageError: if a constraint is a URL
    """
    merged: dict[NormalizedName, SpecifierSet] = {}
    for constraint in constraints:
        if constraint.url is not None:
            raise UsageError(
                f"{constraint.name}: a constraint cannot be a URL",
                hint="put it in sources of [tool.indexcache], or in an override",
            )
        if constraint.marker is None or constraint.marker.evaluate(dict(environment)):
            name = canonicalize_name(constraint.name)
            merged[name] = merged.get(name, SpecifierSet()) & constraint.specifier
    return merged
