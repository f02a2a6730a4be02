"""Translate projects and verbs into the dialect of one release of an installer.

Dialects are pure: they return file contents and command lines, and run nothing. If the release
lacks a capability, the code that translates a verb or key raises CapabilityError. The check of a
whole scenario calls the same code, so the check and the translation cannot disagree.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Final

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from pytest_indexcache.errors import CapabilityError
from pytest_indexcache.installers.commands.capabilities import Capabilities
from pytest_indexcache.installers.commands.command_lines import CommandLine
from pytest_indexcache.installers.commands.exits import CommandExit
from pytest_indexcache.installers.commands.locks.universal_locks import (
    UNIVERSAL,
    WITHOUT_HASHES,
    expects_no_hashes,
    locked_for_others,
)
from pytest_indexcache.installers.commands.step_states import unknown_entries, with_state
from pytest_indexcache.installers.contract.caches import CachedEntry, CacheQuery
from pytest_indexcache.installers.contract.installer import LockedPackage
from pytest_indexcache.installers.contract.supply import ProvisionedInstaller
from pytest_indexcache.installers.processes.process import Finished
from pytest_indexcache.scenario.commands import split_command, variables_of
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.model.audience import why_not_for
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

PROJECT_VERBS: Final = (Lock, Sync, Add, Remove)
"""The verbs that need a project file, including ``run``, which is a kind of ``sync``."""


class Dialect(ABC):
    """The commands and settings that one release of an installer understands."""

    name: ClassVar[str]
    capabilities: ClassVar[Capabilities] = {}
    """The capabilities that some releases lack, keyed by their names in skip reasons."""
    absent_verbs: ClassVar[Mapping[type, str]] = {}
    """The verbs that no release supports, mapped to the name of the missing capability."""
    always_needed: ClassVar[tuple[str, ...]] = ()
    """The capabilities without which a release cannot play any scenario."""
    not_known: ClassVar[re.Pattern[str]]
    """Matches the installer's message about an unknown subcommand, option or key."""
    ignores: ClassVar[re.Pattern[str] | None] = None
    """Matches the installer's message that it ignores settings that it cannot read."""
    lacks_python: ClassVar[re.Pattern[str] | None] = None
    """Matches the message that a Python could not be downloaded; group 1 names that Python."""
    refuses_python: ClassVar[re.Pattern[str] | None] = None
    """Matches the message that the installer does not support the Python that runs it."""
    shows_lack: ClassVar[Mapping[str, re.Pattern[str]]] = {}
    """Maps each capability to a pattern that matches the error output of a release without it."""
    crashed: ClassVar[re.Pattern[str]]
    """Matches the installer's message about its own crash."""
    crash_codes: ClassVar[frozenset[int]] = frozenset()
    """Exit codes that the installer returns only after a crash."""
    lockfile_name: ClassVar[str]
    """The name of the lockfile in a project's folder."""
    keeps: ClassVar[frozenset[str]] = frozenset()
    """The kinds of cache entries, such as ``page`` or ``wheel``, that can be found for a query."""
    records_index: ClassVar[bool] = True
    """Whether the lockfile names an index for each project."""
    records_urls: ClassVar[bool] = True
    """Whether the lockfile contains the URLs of files by default."""
    lists_all_files: ClassVar[bool] = True
    """Whether the lockfile lists all files of a release, not only the file that was installed."""
    hashes_every_file: ClassVar[bool] = True
    """Whether the lockfile contains a hash for every file, even if the pages do not list hashes."""
    locks_universally: ClassVar[bool] = True
    """Whether the lockfile also contains the packages for other platforms and Pythons."""
    runs_in_venv: ClassVar[bool] = False
    """Whether the installer's code runs in the Python of the venv that it changes."""
    has_virtualenv: ClassVar[bool] = False
    """Whether the installer makes venvs with virtualenv, which is installed together with it."""

    file_patterns: ClassVar[tuple[str, ...]] = ("pyproject.toml",)
    """Glob patterns for the files in a project's folder that configure the installer."""

    starts_python: ClassVar[bool] = False
    """Whether the installer may start a Python outside any venv.

    If so, it is configured with the Python of an empty venv.
    """

    ends_at_any_project: ClassVar[bool] = True
    """Whether the installer's search through parent folders ends at any project file.

    If not, only some project files end the search, such as those in :meth:`root_files`.
    """

    def __init__(self, release: Version) -> None:
        self.release = release

    @abstractmethod
    def project_files(self, scenario: Scenario) -> Mapping[str, str]:
        """Return the files that describe the scenario's project, keyed by path in its folder.

        :raises CapabilityError: if this dialect cannot express something in the project
        """

    def command_lines(self, step: InstallerStep, scenario: Scenario) -> tuple[CommandLine, ...]:
        """Return the commands of a step, in the order of execution.

        :raises CapabilityError: if the release does not support the verb or an option
        """
        if type(step) in self.absent_verbs:
            self.demand(self.absent_verbs[type(step)])
        if isinstance(step, Command):
            return (self.verbatim(step, scenario),)
        return self.verb_lines(step, scenario)

    def verb_lines(self, step: InstallerStep, scenario: Scenario) -> tuple[CommandLine, ...]:  # noqa: ARG002
        """Return the commands of a step that is not a verbatim command, in the order of execution.

        :raises CapabilityError: if the release does not support the verb or an option
        """
        raise self.lacking_verb(step)

    @abstractmethod
    def environment(
        self, step: InstallerStep, venv: Path, python: Path, cache: Path
    ) -> Mapping[str, str]:
        """Return the variables that tell the installer which venv, Python and cache to use."""

    def cached_entries(self, cache: Path, query: CacheQuery) -> Iterable[CachedEntry]:  # noqa: ARG002
        """Return the entries in the cache that match a query.

        :raises CapabilityError: if it is not known where the installer stores such entries
        """
        raise self.lacking(f"known place of {query.what} entries in its cache")

    @abstractmethod
    def locked(self, folder: Path) -> Mapping[str, tuple[LockedPackage, ...]]:
        """Return the packages in a project folder's lockfile, keyed by project.

        The result is empty if there is no lockfile.
        """

    def lockfile_of(self, step: AnyStep) -> str:
        """Return the name of the lockfile that a step writes or reads in a project's folder."""
        return compiled_file(step) or self.lockfile_name

    @property
    def looks_through_all_above(self) -> bool:
        """Whether the installer searches all parent folders, whatever files they contain."""
        return False

    def root_files(self) -> Mapping[str, str]:
        """Return the files in the workspace's root that end a search through parent folders."""
        return {"pyproject.toml": ""}

    def needs_venv(self, step: InstallerStep) -> bool:
        """Return whether the venv must exist before a step is played."""
        return not isinstance(step, ClearCache | PruneCache)

    def foreign_python(self, step: InstallerStep, python: Version) -> str | None:  # noqa: ARG002
        """Return a step's option that requests a Python other than ``python``, or None."""
        return None

    def exit_of(self, finished: Finished, limit: float) -> CommandExit:
        """Classify how a command with a time limit of ``limit`` seconds exited."""
        unknown = self.misunderstanding(finished.output)
        return CommandExit.of(finished, limit, self.crashed, unknown, self.crash_codes)

    def misunderstanding(self, output: str) -> str | None:
        """Return the message about a subcommand, option or key that the installer does not know.

        The result is None if the output contains no such message.
        """
        match = self.not_known.search(output)
        return re.sub(r"\s+", " ", match[0]).strip() if match else None

    def ignored_settings(self, output: str) -> str | None:
        """Return the installer's own message about settings that it ignores, or None.

        The first group of :attr:`ignores` is the warning, the second the reason that follows it.
        """
        match = self.ignores.search(output) if self.ignores else None
        if match is None:
            return None
        reason = match[2].strip().splitlines()[-1:]
        return ": ".join([match[1], *(text.strip().partition(", expected ")[0] for text in reason)])

    def invocation(
        self,
        supplied: ProvisionedInstaller,
        python: Path,  # noqa: ARG002
        arguments: tuple[str, ...],
    ) -> list[str]:
        """Return the complete command line; ``python`` is the venv's Python."""
        return [str(supplied.executable), *arguments]

    def lacking(self, what: str, since: str | None = None) -> CapabilityError:
        """Return an error saying that the capability ``what`` is missing.

        If ``since`` is given, the error names it as the release that introduced the capability.
        """
        spec = f"{self.name} {self.release}"
        if since is None:
            return CapabilityError(spec, f"{self.name} has no {what}")
        return CapabilityError(spec, f"{spec} has no {what}: it came with {since}")

    def lacking_verb(self, step: InstallerStep) -> CapabilityError:
        """Return an error for a step whose verb the installer does not support."""
        return self.lacking(f"verb {getattr(step, 'do', '?')}")

    def demand(self, capability: str) -> None:
        """Raise CapabilityError unless the release has the capability.

        :raises CapabilityError: naming the release that introduced the capability
        """
        row = self.capabilities[capability]
        if not row.is_in(self.release):
            raise self.lacking(capability, row.next_release(self.release))

    def demand_shown(self, output: str) -> None:
        """Raise CapabilityError if a failed command's output shows that a capability is missing.

        The lack of some capabilities, such as building a project, only becomes apparent during a
        play.

        :raises CapabilityError: naming the release that introduced the capability
        """
        for capability, shown in self.shows_lack.items():
            if shown.search(output):
                self.demand(capability)

    def demand_python(self, wanted: str | None) -> None:
        """Raise CapabilityError unless the release supports a Python version, such as ``3.6.15``.

        :raises CapabilityError: naming the release that introduced the support
        """
        capability = f"support of Python {'.'.join((wanted or '').split('.')[:2])}"
        if capability in self.capabilities:
            self.demand(capability)

    def demand_start(self, scenario: Scenario) -> None:  # noqa: ARG002
        """Raise CapabilityError if the release cannot play the scenario, whatever its steps are.

        :raises CapabilityError: for the first missing capability
        """
        for capability in self.always_needed:
            self.demand(capability)

    def has(self, since: str) -> bool:
        """Return whether this is the release ``since`` or a later one."""
        return self.release >= Version(since)

    def verbatim(self, step: Command, scenario: Scenario) -> CommandLine:
        """Return the command line that the scenario contains verbatim for this installer.

        :raises CapabilityError: if the scenario contains none for this installer, or the command is
            not allowed
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
        """Return the commands, with the variables added that the step sets for this installer."""
        own = variables_of(self.name, step.env)
        return tuple(replace(line, environment={**line.environment, **own}) for line in lines)

    def demand_variables(self, step: InstallerStep) -> None:
        """Raise CapabilityError unless the release reads every variable that a step sets.

        :raises CapabilityError: for the first environment variable that the release does not read
        """
        for name in variables_of(self.name, step.env):
            if name in self.capabilities:
                self.demand(name)

    def check(self, scenario: Scenario) -> None:
        """Check that a whole scenario can be translated.

        :raises CapabilityError: for the first missing capability, or for a step that only another
            installer can play
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
        """Raise CapabilityError if a step expects something that the lockfile cannot contain."""
        packages = step.expect.locked.values()
        if not self.records_index and any(entry.index for entry in packages):
            raise self.lacking("indexes in its lockfile")
        if not self.records_urls and any(entry.urls for entry in packages):
            raise self.lacking("URLs of files in its lockfile")
        if not self.lists_all_files and any(len(entry.files or ()) > 1 for entry in packages):
            raise self.lacking("second file of a release in its lockfile")
        if self.hashes_every_file and expects_no_hashes(step):
            raise self.lacking(WITHOUT_HASHES)

    def _of(self, step: InstallerStep) -> Dialect:
        named = step.release_of(self.name)
        return type(self)(exact_release(named)) if named else self

    def written_files(self, scenario: Scenario) -> Mapping[str, str]:
        """Return the files to write into the project's folder.

        If the scenario contains a verbatim project file for this installer, that file is the only
        one in the result.
        """
        text = scenario.project_files.get(self.name)
        if text is not None:
            return {"pyproject.toml": text}
        return self.project_files(scenario) if has_project(scenario) else {}


def compiled_file(step: AnyStep) -> str | None:
    """Return the file that a ``compile`` step writes or a ``sync-requirements`` step reads.

    The result is None for any other step.
    """
    if isinstance(step, Compile):
        return step.to
    return step.file if isinstance(step, SyncRequirements) else None


def exact_release(text: str) -> Version:
    """Return the single release that a specifier such as ``==0.8.0`` names.

    :raises CapabilityError: if the specifier does not name exactly one release
    """
    specifiers = list(SpecifierSet(text))
    if len(specifiers) != 1 or specifiers[0].operator != "==" or "*" in specifiers[0].version:
        raise CapabilityError(
            text, "a step that asks for another release must name it exactly: ==1.2"
        )
    return Version(specifiers[0].version)


def has_project(scenario: Scenario) -> bool:
    """Return whether the scenario or one of its verbs needs a project file."""
    given = {"project", "sources", "cache_control"} & scenario.model_fields_set
    return bool(given) or any(isinstance(step, PROJECT_VERBS) for _, step in scenario.every_step)
