"""Translate the verbs of a scenario into pip commands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from pytest_indexcache.errors import PlayError
from pytest_indexcache.installers.commands.command_lines import (
    CommandLine,
    import_program,
    lines,
    named,
)
from pytest_indexcache.installers.commands.dialect import Dialect
from pytest_indexcache.installers.commands.locks.lockfiles import read_pylock
from pytest_indexcache.installers.pip.lock_needs import needs_lockfile
from pytest_indexcache.installers.pip.options import (
    indexes_of_project,
    named_indexes,
    network_options,
    resolving_options,
)
from pytest_indexcache.installers.pip.project import (
    BUILDS,
    Choice,
    has_outer_paths,
    is_own_project,
    requirement_files,
    sources_of,
    targets,
)
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.steps import (
    ClearCache,
    Compile,
    Install,
    InstallerStep,
    Lock,
    NetworkStep,
    Run,
    Sync,
    SyncRequirements,
    Uninstall,
)

PYLOCK: Final = "install of pylock.toml"
OUTER_PATHS: Final = "lockfile of folders outside of its own"
_PURGE_OF_NOTHING: Final = "21.3"
_NAMES_ALONE: Final = "sync of a requirements file with options, paths or URLs"


class PipCommands:
    """Translates steps into commands for one release of pip."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def translate(self, step: InstallerStep, scenario: Scenario) -> tuple[CommandLine, ...]:
        """Return the commands for a step.

        :raises CapabilityError: if the release does not support the verb or an option
        """
        translator = _TRANSLATORS.get(type(step))
        if translator is None:
            raise self._dialect.lacking_verb(step)
        return tuple(translator(self, step, scenario))

    def _demand(self, *capabilities: tuple[str, object]) -> None:
        for what, value in capabilities:
            if value:
                self._dialect.demand(what)

    # -- a venv ------------------------------------------------------------------------------------

    def _install(self, step: Install, scenario: Scenario) -> Iterator[CommandLine]:
        self._demand(
            ("overrides", step.overrides),
            ("editable installs by build backends (PEP 660)", step.editable),
            (BUILDS, step.paths),
        )
        parts = ["install", *step.requirements]
        parts += named("--editable", tuple(f"../{path}" for path in step.editable))
        parts += [f"../{path}" for path in step.paths]
        parts += ["--constraint", "constraints.txt"] if step.constraints else []
        parts += self._given_files(step)
        indexes = (step.index, step.extra_indexes, step.find_links)
        parts += named_indexes(self._dialect, scenario, *indexes)
        # pip cannot install only from its cache; without indexes it needs find-links.
        is_stuck = step.offline and not step.find_links
        self._demand(("offline mode: --no-index leaves it only find-links", is_stuck))
        if (step.no_index or step.offline) and "--no-index" not in parts:
            parts.append("--no-index")
        parts += ["--require-hashes"] if step.require_hashes else []
        named_projects = {
            canonicalize_name(Requirement(requirement).name) for requirement in step.requirements
        }
        parts += self._installed_again(step, named_projects)
        files = {"constraints.txt": lines(step.constraints)} if step.constraints else {}
        yield CommandLine((*parts, *resolving_options(self._dialect, step, scenario)), files)

    def _given_files(self, step: Install) -> Iterator[str]:
        """Yield the options for requirements and constraints files, and for build settings."""
        self._demand(
            (PYLOCK, any(file.endswith(".toml") for file in step.requirements_files)),
            ("install --config-settings", step.config_settings),
        )
        yield from named("--requirement", step.requirements_files)
        yield from named("--constraint", step.constraints_files)
        settings = (f"{key}={value}" for key, value in step.config_settings.items())
        yield from named("--config-settings", tuple(settings))

    def _installed_again(self, step: NetworkStep, asked: Collection[str] = ()) -> list[str]:
        """Return the options that make pip upgrade or reinstall projects.

        ``asked`` contains the projects that the command itself names.
        """
        self._demand(
            (
                "reinstall of one project without what it requires",
                isinstance(step.reinstall, tuple) and step.reinstall,
            ),
        )
        parts = ["--force-reinstall"] if step.reinstall else []
        if step.upgrade is True:
            parts += ["--upgrade", "--upgrade-strategy", "eager"]
        elif step.upgrade and set(step.upgrade) != set(asked):
            self._dialect.demand("upgrade of projects other than those asked for")
        elif step.upgrade:
            parts += ["--upgrade"]
        return parts

    def _uninstall(self, step: Uninstall, scenario: Scenario) -> Iterator[CommandLine]:  # noqa: ARG002
        yield CommandLine(("uninstall", "--yes", *step.projects))

    def _clear_cache(self, step: ClearCache, scenario: Scenario) -> Iterator[CommandLine]:  # noqa: ARG002
        self._demand(("way to clear what it downloaded of one project", step.projects))
        self._dialect.demand("cache purge")
        # In earlier releases, the purge of an empty cache is an error.
        yield CommandLine(("cache", "purge"), may_fail=not self._dialect.has(_PURGE_OF_NOTHING))

    # -- a project ---------------------------------------------------------------------------------

    def _lock(self, step: Lock, scenario: Scenario) -> Iterator[CommandLine]:
        self._demand(("check that its lockfile is up to date", step.locked))
        for choice in _choices(scenario):
            yield self._locking(choice, step, scenario)

    def _locking(
        self, choice: Choice, step: NetworkStep, scenario: Scenario, *, where_due: bool = False
    ) -> CommandLine:
        """Return the command that locks the extras and groups in ``choice``.

        With ``where_due``, the command is skipped if the lockfile is newer than the files from
        which it is made.
        """
        self._dialect.demand("lock")
        self._demand(
            (OUTER_PATHS, has_outer_paths(scenario, step.folder)),
            ("offline mode", step.offline),
            ("lock that upgrades less than all", step.upgrade not in (False, True)),
        )
        parts = ["lock", *targets(scenario, choice), *self._own_indexes(scenario)]
        parts += ["--output", choice.lockfile, *resolving_options(self._dialect, step, scenario)]
        return CommandLine(
            tuple(parts),
            makes=choice.lockfile if where_due and step.upgrade is False else "",
            out_of=sources_of(scenario, choice),
        )

    def _own_indexes(self, scenario: Scenario) -> list[str]:
        """Return the options for the project's indexes.

        The result is empty if the requirements files contain these options.
        """
        return indexes_of_project(self._dialect, scenario) if is_own_project(scenario) else []

    def _sync(self, step: Sync, scenario: Scenario) -> Iterator[CommandLine]:
        self._check_sync(step, scenario)
        choice = Choice(step.extras, step.groups)
        if any(value for _, value in self._obstacles(step, scenario)):
            yield self._install_required(choice, step, scenario)
            return
        if not step.frozen:
            for chosen in _choices(scenario):
                yield self._locking(chosen, step, scenario, where_due=True)
        reinstall = ["--force-reinstall"] if step.reinstall else []
        options = [
            *self._for_locked(scenario),
            *reinstall,
            *network_options(self._dialect, step),
        ]
        yield CommandLine(("install", "--requirement", choice.lockfile, *options))
        if not (isinstance(step, Run) or step.inexact):
            yield _removal(LockedNames(choice.lockfile))

    def _check_sync(self, step: Sync, scenario: Scenario) -> None:
        if not is_own_project(scenario):
            requirement_files(scenario, self._dialect)
        self._demand(
            ("offline mode", step.offline),
            ("check that its lockfile is up to date", step.locked),
            ("dependency groups", step.groups),
            (
                "reinstall of one project without what it requires",
                isinstance(step.reinstall, tuple) and step.reinstall,
            ),
            ("lock that upgrades less than all", step.upgrade not in (False, True)),
        )
        if needs_lockfile(step, scenario):
            self._demand(*self._obstacles(step, scenario))

    def _obstacles(self, step: NetworkStep, scenario: Scenario) -> tuple[tuple[str, bool], ...]:
        """Return each possible obstacle to using a lockfile, and whether it exists."""
        can_install = self._dialect.capabilities[PYLOCK].is_in(self._dialect.release)
        return (
            (PYLOCK, not can_install),
            (OUTER_PATHS, has_outer_paths(scenario, step.folder)),
        )

    def _install_required(self, choice: Choice, step: Sync, scenario: Scenario) -> CommandLine:
        """Return the command that installs the requirements for ``choice`` without a lockfile."""
        parts = ["install", *targets(scenario, choice), *self._own_indexes(scenario)]
        parts += [*self._installed_again(step), *resolving_options(self._dialect, step, scenario)]
        lack = next(what for what, value in self._obstacles(step, scenario) if value)
        note = f"not by pylock.toml: {self._dialect.lacking(lack, self._since(lack)).problem}"
        return CommandLine(tuple(parts), note=note)

    def _since(self, capability: str) -> str | None:
        row = self._dialect.capabilities[capability]
        return row.next_release(self._dialect.release)

    def _for_locked(self, scenario: Scenario) -> list[str]:
        """Return the index options for an install from a lockfile.

        They are only needed if an index uses credentials or plain HTTP, because pip writes neither
        credentials nor trusted hosts into the lockfile. Otherwise, the result is empty.
        """
        used = scenario.indexes.items()
        if any(scenario.login_of(name) or index.url.startswith("http://") for name, index in used):
            return indexes_of_project(self._dialect, scenario)
        return []

    def _run(self, step: Run, scenario: Scenario) -> Iterator[CommandLine]:
        yield from self._sync(step, scenario)
        yield CommandLine(("-c", import_program(step)), in_venv=True)

    # -- requirements files ------------------------------------------------------------------------

    def _compile(self, step: Compile, scenario: Scenario) -> Iterator[CommandLine]:
        self._demand(
            ("offline mode", step.offline),
            ("lock that upgrades less than all", step.upgrade not in (False, True)),
            ("compile that reinstalls", step.reinstall),
        )
        files = {"requirements.in": lines(step.requirements)}
        indexes = named_indexes(self._dialect, scenario, None, step.extra_indexes)
        options = (*indexes, *resolving_options(self._dialect, step, scenario))
        source = ("--requirement", "requirements.in")
        if self._dialect.capabilities["lock"].is_in(self._dialect.release):
            yield CommandLine(
                ("lock", *source, "--output", compiled_lockfile(step.to), *options), files
            )
            return
        self._demand(("lock", step.expect.locked or step.expect.lockfile))
        self._dialect.demand("install --dry-run --report")
        report = ("--dry-run", "--ignore-installed", "--report", "report.json")
        yield CommandLine(("install", *report, *source, *options), files)

    def _sync_requirements(
        self, step: SyncRequirements, scenario: Scenario
    ) -> Iterator[CommandLine]:
        self._demand(("offline mode", step.offline))
        asked: Callable[[Path], Collection[str]]
        if _is_compiled(step, scenario) or step.file.endswith(".toml"):
            self._dialect.demand(PYLOCK)
            file = compiled_lockfile(step.file)
            asked = LockedNames(file)
            parts = ["install", "--requirement", file]
        else:
            names = self._names_in(step, scenario)
            file, asked = step.file, lambda _: names
            parts = ["install", "--no-deps", "--requirement", file]
        indexes = named_indexes(self._dialect, scenario, None, step.extra_indexes)
        parts += [*indexes, *(["--require-hashes"] if step.require_hashes else [])]
        again = self._installed_again(step)
        options = [
            option for option in network_options(self._dialect, step) if option != "--no-deps"
        ]
        yield CommandLine((*parts, *again, *options))
        yield _removal(asked)

    def _names_in(self, step: SyncRequirements, scenario: Scenario) -> frozenset[str]:
        """Return the projects that a requirements file in the scenario names.

        :raises CapabilityError: if the file contains anything other than requirements for projects
        """
        text = scenario.files.get(f"{step.folder}/{step.file}", "")
        logical = text.replace("\\\n", " ").splitlines()
        plain = (line.partition(" #")[0].partition(" --hash")[0].strip() for line in logical)
        try:
            requirements = [
                Requirement(text) for text in plain if text and not text.startswith("#")
            ]
        except InvalidRequirement:
            raise self._dialect.lacking(_NAMES_ALONE) from None
        return frozenset(canonicalize_name(requirement.name) for requirement in requirements)


def _choices(scenario: Scenario) -> list[Choice]:
    """Return the sets of extras and groups to lock: those that a sync selects, then the others."""
    project = scenario.project
    steps = (step for _, step in scenario.every_step)
    chosen = [Choice(step.extras, step.groups) for step in steps if isinstance(step, Sync)]
    extras = tuple(
        extra for extra in project.optional_dependencies if not _has(chosen, "extras", extra)
    )
    groups = tuple(
        group for group in project.dependency_groups if not _has(chosen, "groups", group)
    )
    if project.conflicts:
        rest = [
            *(Choice((extra,)) for extra in extras),
            *(Choice((), (group,)) for group in groups),
        ]
    else:
        rest = [Choice(extras, groups)] if extras or groups or not chosen else []
    return list(dict.fromkeys([*chosen, *rest]))


def _has(choices: list[Choice], kind: str, name: str) -> bool:
    return any(name in getattr(choice, kind) for choice in choices)


def _removal(keeps: Callable[[Path], Collection[str]]) -> CommandLine:
    """Return a command that uninstalls all projects except those that ``keeps`` returns."""
    return CommandLine(("uninstall", "--yes"), keeps=keeps)


@dataclass(frozen=True)
class LockedNames:
    """A function that returns the names of the projects in the lockfile in a folder."""

    lockfile: str

    def __call__(self, folder: Path) -> Collection[str]:
        """Return the names of the projects in the lockfile in this folder.

        :raises PlayError: if a build removed the lockfile, or replaced it with a link or a special
            file, which could block a reader forever
        """
        file = folder / self.lockfile
        if file.is_symlink() or not file.is_file():
            raise PlayError(
                f"{file} is not a plain file any more", "check the build backends that the step ran"
            )
        return set(read_pylock(file))


def compiled_lockfile(file: str) -> str:
    """Return the name of the lockfile that pip writes in place of a requirements file."""
    if file.endswith(".toml"):
        return file
    return f"pylock.{file.removesuffix('.txt').replace('.', '-').replace('/', '-')}.toml"


def _is_compiled(step: SyncRequirements, scenario: Scenario) -> bool:
    return any(
        isinstance(other_step, Compile)
        and (other_step.folder, other_step.to) == (step.folder, step.file)
        for _, other_step in scenario.every_step
    )


_TRANSLATORS: Final[
    Mapping[type, Callable[[PipCommands, Any, Scenario], Iterator[CommandLine]]]
] = {
    Lock: PipCommands._lock,
    Sync: PipCommands._sync,
    Run: PipCommands._run,
    Install: PipCommands._install,
    Uninstall: PipCommands._uninstall,
    Compile: PipCommands._compile,
    SyncRequirements: PipCommands._sync_requirements,
    ClearCache: PipCommands._clear_cache,
}
