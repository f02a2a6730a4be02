"""The dialect of an installer: how the neutral project and the verbs are said to a release of it.

Dialects are pure: they make texts and command lines, and run nothing. What an installer lacks is
told where it would have to be said, so that what is declared lacking and what is translated cannot
contradict each other.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Final
from urllib.parse import quote, urlsplit, urlunsplit

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from pytest_indexcache.errors import CapabilityError
from pytest_indexcache.installers.commands.capabilities import Capabilities
from pytest_indexcache.installers.commands.command_lines import CommandLine
from pytest_indexcache.installers.commands.exits import CommandExit
from pytest_indexcache.installers.commands.step_states import unknown_entries, with_state
from pytest_indexcache.installers.commands.universal_locks import (
    UNIVERSAL,
    WITHOUT_HASHES,
    expects_no_hashes,
    locked_for_others,
)
from pytest_indexcache.installers.contract.caches import CachedEntry, CacheQuery
from pytest_indexcache.installers.contract.installer import LockedPackage
from pytest_indexcache.installers.contract.supply import ProvisionedInstaller
from pytest_indexcache.installers.processes.process import Finished
from pytest_indexcache.scenario.audience import why_not_for
from pytest_indexcache.scenario.commands import split_command, variables_of
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.steps import (
    Add,
    AnyStep,
    ClearCache,
    Command,
    Compile,
    Edit,
    InstallerStep,
    Lock,
    PruneCache,
    Remove,
    RemoveVenv,
    Sync,
    SyncRequirements,
)
from pytest_indexcache.scenario.values.reach import Reach

PYPI: Final = "https://pypi.org/simple"
"""The index that every installer asks where it is told of no other."""

PROJECT_VERBS: Final = (Lock, Sync, Add, Remove)
"""The verbs that need a project file; ``run`` is a kind of ``sync``."""


class Dialect(ABC):
    """What one release of an installer understands."""

    name: ClassVar[str]
    capabilities: ClassVar[Capabilities] = {}
    """What some of its releases lack, by the words in which a reason names it."""
    always_needed: ClassVar[tuple[str, ...]] = ()
    """The capabilities without which a release can play nothing."""
    not_known: ClassVar[re.Pattern[str]]
    """How the installer says that it knows no such subcommand, option or key."""
    ignores: ClassVar[re.Pattern[str] | None] = None
    """How the installer says that it goes on without settings that it cannot read."""
    lacks_python: ClassVar[re.Pattern[str] | None] = None
    """How it says that it could not download a Python; the first group names that."""
    shows_lack: ClassVar[Mapping[str, re.Pattern[str]]] = {}
    """How a command that fails shows that the release lacks a capability, by capability."""
    crashed: ClassVar[re.Pattern[str]]
    """How the installer says that it broke."""
    crash_codes: ClassVar[frozenset[int]] = frozenset()
    """Exit codes that the installer has only after it broke."""
    lockfile_name: ClassVar[str]
    """The name of the lockfile, in a project's folder."""
    keeps: ClassVar[frozenset[str]] = frozenset()
    """What the cache is known to hold: ``page``, ``metadata``, ``wheel``, ``unpacked``."""
    records_index: ClassVar[bool] = True
    """Whether the lockfile says which index a project comes from."""
    records_urls: ClassVar[bool] = True
    """Whether the lockfile says where files lie, if it is not told to."""
    lists_all_files: ClassVar[bool] = True
    """Whether the lockfile has all files of a release, rather than the one that is installed."""
    hashes_every_file: ClassVar[bool] = True
    """Whether the lockfile has a hash of every file, even where pages name none."""
    locks_universally: ClassVar[bool] = True
    """Whether the lockfile has what other platforms and Pythons need."""
    runs_in_venv: ClassVar[bool] = False
    """Whether its code runs in the Python of the venv that it changes."""
    has_virtualenv: ClassVar[bool] = False
    """Whether it makes venvs with a virtualenv of its own, from its day."""

    file_patterns: ClassVar[tuple[str, ...]] = ("pyproject.toml",)
    """The files of a project's folder that tell the installer of the project, as glob patterns."""

    starts_python: ClassVar[bool] = False
    """Whether it may start a Python outside any venv: it is given one that has no packages."""

    ends_at_any_project: ClassVar[bool] = True
    """Whether each project file ends a search through the folders above, whatever it says."""

    def __init__(self, release: Version) -> None:
        self.release = release

    @abstractmethod
    def project_files(self, scenario: Scenario) -> Mapping[str, str]:
        """Return the neutral project as files of its folder, by path.

        :raises CapabilityError: if the project has what cannot be said in this dialect
        """

    @abstractmethod
    def command_lines(self, step: InstallerStep, scenario: Scenario) -> tuple[CommandLine, ...]:
        """Return the commands that a step amounts to, one after the other.

        :raises CapabilityError: if there is no such verb or option
        """

    @abstractmethod
    def environment(
        self, step: InstallerStep, venv: Path, python: Path, cache: Path
    ) -> Mapping[str, str]:
        """Return the variables that tell the installer which venv, Python and cache to use."""

    def cached_entries(self, cache: Path, query: CacheQuery) -> Iterable[CachedEntry]:  # noqa: ARG002
        """Return what a query finds in the cache.

        :raises CapabilityError: if it is not known where such a thing is kept
        """
        raise self.lacking(f"known place of {query.what} entries in its cache")

    @abstractmethod
    def locked(self, folder: Path) -> Mapping[str, tuple[LockedPackage, ...]]:
        """Read the lockfile in a project's folder, by project; empty without one."""

    def lockfile_of(self, step: AnyStep) -> str:
        """Return the name of the lockfile, in a project's folder, that a step writes or obeys."""
        return compiled_file(step) or self.lockfile_name

    @property
    def looks_through_all_above(self) -> bool:
        """Whether no file ends a search through the folders above."""
        return False

    def root_files(self) -> Mapping[str, str]:
        """Return files for the workspace's root that end a search through the folders above."""
        return {"pyproject.toml": ""}

    def needs_venv(self, step: InstallerStep) -> bool:
        """Whether the venv must be there before a step."""
        return not isinstance(step, ClearCache | PruneCache)

    def foreign_python(self, step: InstallerStep, python: Version) -> str | None:  # noqa: ARG002
        """Return how a step asks for another Python than its own, which the machine would give."""
        return None

    def exit_of(self, finished: Finished, limit: float) -> CommandExit:
        """Judge how a command ended that had ``limit`` seconds."""
        unknown = self.misunderstanding(finished.output)
        return CommandExit.of(finished, limit, self.crashed, unknown, self.crash_codes)

    def misunderstanding(self, output: str) -> str | None:
        """Return what of its command line or its project file the installer does not know."""
        match = self.not_known.search(output)
        return re.sub(r"\s+", " ", match[0]).strip() if match else None

    def ignored_settings(self, output: str) -> str | None:
        """Return the installer's own words for settings that it ignores, None if it says nothing.

        The first group of :attr:`ignores` is the warning, the second the reason after it.
        """
        match = self.ignores.search(output) if self.ignores else None
        if match is None:
            return None
        reason = match[2].strip().splitlines()[-1:]
        return ": ".join([match[1], *(it.strip().partition(", expected ")[0] for it in reason)])

    def invocation(
        self,
        supplied: ProvisionedInstaller,
        python: Path,  # noqa: ARG002
        arguments: tuple[str, ...],
    ) -> list[str]:
        """Return the whole command; ``python`` is the venv's."""
        return [str(supplied.executable), *arguments]

    def lacking(self, what: str, since: str | None = None) -> CapabilityError:
        """Return the error that says what is lacking, and since when later releases have it."""
        spec = f"{self.name} {self.release}"
        if since is None:
            return CapabilityError(spec, f"{self.name} has no {what}")
        return CapabilityError(spec, f"{spec} has no {what}: it came with {since}")

    def demand(self, capability: str) -> None:
        """Raise unless the release has what a row of :attr:`capabilities` names.

        :raises CapabilityError: saying since when later releases have it
        """
        row = self.capabilities[capability]
        if not row.is_in(self.release):
            raise self.lacking(capability, row.next_release(self.release))

    def demand_shown(self, output: str) -> None:
        """Raise where a command that failed shows that the release lacks what it needed.

        No command line names it: that a project has to be built turns out while it is played.

        :raises CapabilityError: saying since when later releases have it
        """
        for capability, shown in self.shows_lack.items():
            if shown.search(output):
                self.demand(capability)

    def demand_python(self, wanted: str | None) -> None:
        """Raise unless the release works with a Python, such as ``3.6`` or ``3.6.15``.

        :raises CapabilityError: saying since when later releases do
        """
        capability = f"support of Python {'.'.join((wanted or '').split('.')[:2])}"
        if capability in self.capabilities:
            self.demand(capability)

    def demand_start(self, scenario: Scenario) -> None:  # noqa: ARG002
        """Raise where the release cannot play a scenario at all, whatever its steps are.

        :raises CapabilityError: for the first thing that is lacking
        """
        for capability in self.always_needed:
            self.demand(capability)

    def has(self, since: str) -> bool:
        """Whether this is the release ``since`` or a later one."""
        return self.release >= Version(since)

    def verbatim(self, step: Command, scenario: Scenario) -> CommandLine:
        """Return an installer's own command line, as the scenario has it.

        :raises CapabilityError: if it has none for this installer, or one that is not allowed
        """
        command = step.command.get(self.name)
        if command is None:
            raise self.lacking(f"verbatim commands of {' and '.join(sorted(step.command))}")
        reach = Reach.of(scenario.served_urls, scenario.project_names, scenario.file_paths)
        try:
            return CommandLine(split_command(self.name, command, reach))
        except ValueError as error:
            raise CapabilityError(self.name, f"a command is not allowed: {error}") from error

    def with_variables(
        self, step: InstallerStep, lines: tuple[CommandLine, ...]
    ) -> tuple[CommandLine, ...]:
        """Return the commands of a step with the installer's own variables that the step sets."""
        own = variables_of(self.name, step.env)
        return tuple(replace(line, environment={**line.environment, **own}) for line in lines)

    def demand_variables(self, step: InstallerStep) -> None:
        """Raise unless the release reads the variables of its installer that a step sets.

        :raises CapabilityError: for the first one that it does not know
        """
        for name in variables_of(self.name, step.env):
            if name in self.capabilities:
                self.demand(name)

    def check(self, scenario: Scenario) -> None:
        """Go through a scenario as it would be played.

        :raises CapabilityError: for the first thing that is lacking, or said to others alone
        """
        reason = why_not_for(scenario, self.name)
        if reason:
            raise CapabilityError(f"{self.name} {self.release}", reason)
        self.demand_start(scenario)
        unknown = unknown_entries(scenario, self.keeps)
        if unknown is not None:
            raise self.lacking(f"known place of {unknown} in its cache")
        for current, step in with_state(scenario):
            if isinstance(step, Edit):
                self.written_files(current)
                continue
            dialect = self._of(step)
            dialect.demand_start(scenario)
            if has_project(current):
                dialect.written_files(current)
            if not isinstance(step, RemoveVenv):
                dialect.demand_python(step.python or scenario.python)
                dialect.demand_variables(step)
                dialect.command_lines(step, current)
            self._demand_locked(step)
            if not self.locks_universally and locked_for_others(step, current):
                raise self.lacking(UNIVERSAL)

    def _demand_locked(self, step: InstallerStep) -> None:
        """Raise CapabilityError where a step expects what the lockfile never says."""
        packages = step.expect.locked.values()
        if not self.records_index and any(it.index for it in packages):
            raise self.lacking("indexes in its lockfile")
        if not self.records_urls and any(it.urls for it in packages):
            raise self.lacking("URLs of files in its lockfile")
        if not self.lists_all_files and any(len(it.files or ()) > 1 for it in packages):
            raise self.lacking("second file of a release in its lockfile")
        if self.hashes_every_file and expects_no_hashes(step):
            raise self.lacking(WITHOUT_HASHES)

    def _of(self, step: InstallerStep) -> Dialect:
        named = step.release_of(self.name)
        return type(self)(exact_release(named)) if named else self

    def written_files(self, scenario: Scenario) -> Mapping[str, str]:
        """Return the files of the project's folder: word for word where the scenario has them."""
        text = scenario.project_files.get(self.name)
        if text is not None:
            return {"pyproject.toml": text}
        return self.project_files(scenario) if has_project(scenario) else {}


def compiled_file(step: AnyStep) -> str | None:
    """Return the file that resolved requirements are written to, or installed from."""
    if isinstance(step, Compile):
        return step.to
    return step.file if isinstance(step, SyncRequirements) else None


def exact_release(text: str) -> Version:
    """Return the one release that a specifier such as ``==0.8.0`` names.

    :raises CapabilityError: if it names none, or several
    """
    specifiers = list(SpecifierSet(text))
    if len(specifiers) != 1 or specifiers[0].operator != "==" or "*" in specifiers[0].version:
        raise CapabilityError(text, "a step that asks for another release names it exactly: ==1.2")
    return Version(specifiers[0].version)


def has_project(scenario: Scenario) -> bool:
    """Whether there is a project file: one is told of, or a verb needs one."""
    told = {"project", "sources", "cache_control"} & scenario.model_fields_set
    return bool(told) or any(isinstance(step, PROJECT_VERBS) for _, step in scenario.every_step)


def project_indexes(scenario: Scenario) -> tuple[str, ...]:
    """Return the indexes that the project file knows, the default one last.

    Unless the project names them, those that only a step brings, on its command line, are not among
    them.
    """
    named, default = scenario.project.indexes, scenario.default_index
    sources = {source.index for many in scenario.sources.values() for source in many}
    kept = [name for name in scenario.indexes if name in sources | set(scenario.cache_control)]
    brought = {name for _, step in scenario.every_step for name in _step_indexes(step)}
    if named is None:
        named = tuple(it for it in scenario.indexes if it in kept or it not in brought)
        kept = [default] if default else []
    every = dict.fromkeys((*named, *kept))
    return (*(it for it in every if it != default), *(it for it in every if it == default))


def _step_indexes(step: object) -> Iterator[str]:
    index = getattr(step, "index", None)
    if index and isinstance(step, InstallerStep):
        yield index
    yield from getattr(step, "extra_indexes", ())
    yield from getattr(step, "find_links", ())


def is_explicit(scenario: Scenario, index: str) -> bool:
    """Whether the project file lets an index serve only those whom a source sends there."""
    return index in scenario.explicit_indexes and index != scenario.default_index


def is_pypi(url: str) -> bool:
    """Whether a URL is PyPI's simple index."""
    return url.rstrip("/") == PYPI


def written_url(scenario: Scenario, index: str, *, with_login: bool = True) -> str:
    """Return the URL of an index as the user writes it: with name and password, if there are any.

    Those of a netrc file do not stand in it. Where the scenario's URL names a user already, it
    stays as it is written.
    """
    access, url = scenario.access.get(index), scenario.indexes[index].url
    if access is not None and access.slash is not None:
        url = url.rstrip("/") + ("/" if access.slash else "")
    login = None if access is not None and access.netrc else scenario.login_of(index)
    parts = urlsplit(url)
    if login is None or parts.username is not None or not with_login:
        return url
    name, password = (quote(part, safe="") for part in login)
    place = f"{name}:{password}" if password else name
    return urlunsplit(parts._replace(netloc=f"{place}@{parts.netloc}"))
