"""Doing what a command line says: each command of the table is one method here.

The class of a command is imported when it is done: that of another has imports of its own.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_indexcache.errors import UsageError
from pytest_indexcache.reference.commands.arguments import PROGRAM
from pytest_indexcache.reference.commands.demand import Demand
from pytest_indexcache.reference.commands.session import Options, Settings
from pytest_indexcache.reference.project.requirements_file import is_path, read_requirements
from pytest_indexcache.reference.words.packages import IndexLocation
from pytest_indexcache.reference.words.selection import EVERYTHING, Selection

if TYPE_CHECKING:
    from pytest_indexcache.reference.commands.cache_commands import CacheCommands
    from pytest_indexcache.reference.commands.project_commands import ProjectCommands
    from pytest_indexcache.reference.commands.requirement_commands import RequirementCommands


@dataclass(frozen=True)
class Invocation:
    """One command line, parsed, with the settings that whoever starts it gives.

    Paths of the command line are relative to ``folder``. With ``capture`` the output of a Python
    that is run goes to ``Settings.echo``, otherwise it has the terminal.
    """

    chosen: Namespace
    settings: Settings
    folder: Path = Path()
    capture: bool = False

    def do(self) -> int:
        """Do what the command line says, and return the exit code.

        :raises ReferenceInstallerError: if it cannot be done
        """
        chosen = self.chosen
        action = getattr(chosen, "action", None)
        name = f"{chosen.command} {action}" if action else chosen.command
        return _COMMANDS[name](self) or 0

    # -- commands on a project -------------------------------------------------------------------

    def lock(self) -> None:
        """Bring the lockfile up to date."""
        self._project.lock(self._folder, locked=self.chosen.locked, options=self._options)

    def sync(self) -> None:
        """Bring the venv to what the lockfile says."""
        chosen = self.chosen
        self._project.sync(
            self._folder,
            extras=chosen.extra,
            groups=chosen.group,
            frozen=chosen.frozen,
            locked=chosen.locked,
            options=self._options,
        )

    def run(self) -> int:
        """Sync, then start the venv's Python; return its exit code."""
        chosen = self.chosen
        done = self._project.run(
            self._folder,
            chosen.arguments,
            extras=chosen.extra,
            groups=chosen.group,
            frozen=chosen.frozen,
            locked=chosen.locked,
            capture=self.capture,
            options=self._options,
        )
        for line in done.output.splitlines():
            self.settings.echo(line)
        return done.exit_code

    def add(self) -> None:
        """Add requirements to the project, lock and sync."""
        chosen = self.chosen
        place = chosen.editable or chosen.path
        self._project.add(
            self._folder,
            chosen.requirements,
            index=named_index(chosen.index) if chosen.index else None,
            path=self.folder / place if place else None,
            editable=bool(chosen.editable),
            extra=chosen.extra,
            group=chosen.group,
            options=self._options,
        )

    def remove(self) -> None:
        """Remove requirements from the project, lock and sync."""
        chosen = self.chosen
        self._project.remove(
            self._folder,
            chosen.projects,
            extra=chosen.extra,
            group=chosen.group,
            options=self._options,
        )

    # -- commands on a venv ----------------------------------------------------------------------

    def install(self) -> None:
        """Install requirements in the venv."""
        self._requirements.install(self._demand, options=self._options)

    def sync_requirements(self) -> None:
        """Bring the venv to what requirements files say."""
        self._requirements.sync_requirements(self._demand, options=self._options)

    def compile(self) -> None:
        """Resolve requirements into a file."""
        self._requirements.compile(
            self._demand,
            self.folder / self.chosen.output,
            hashes=self.chosen.generate_hashes,
            options=self._options,
        )

    def uninstall(self) -> None:
        """Remove projects from the venv."""
        self._requirements.uninstall(self.chosen.projects, options=self._options)

    def remove_venv(self) -> None:
        """Remove the venv."""
        self._requirements.remove_venv(self.folder / (self.chosen.venv or ".venv"))

    # -- commands on the cache -------------------------------------------------------------------

    def clear_cache(self) -> None:
        """Remove what is stored."""
        self._cache.clear_cache(self.chosen.projects)

    def prune_cache(self) -> None:
        """Remove what is of no use."""
        self._cache.prune_cache(ci=self.chosen.ci)

    def print_folder(self) -> None:
        """Print where the cache is."""
        print(self.settings.cache_dir)

    # -- what they need --------------------------------------------------------------------------

    @property
    def _folder(self) -> Path:
        return self._path(self.chosen.project)

    @property
    def _project(self) -> ProjectCommands:
        from pytest_indexcache.reference.commands.project_commands import ProjectCommands

        return ProjectCommands(self._asking)

    @property
    def _requirements(self) -> RequirementCommands:
        from pytest_indexcache.reference.commands.requirement_commands import RequirementCommands

        return RequirementCommands(self._asking)

    @property
    def _cache(self) -> CacheCommands:
        from pytest_indexcache.reference.commands.cache_commands import CacheCommands

        return CacheCommands(self.settings)

    @property
    def _asking(self) -> Settings:
        """The settings with the indexes of the command line."""
        chosen, settings = self.chosen, self.settings
        url = getattr(chosen, "index_url", None) or settings.default_index
        return replace(settings, default_index=url, indexes=_extra_indexes(chosen))

    @property
    def _options(self) -> Options:
        chosen = self.chosen
        return Options(
            # Where none is named it is beside the project, or else in the current folder.
            venv=self._venv,
            python=chosen.python,
            offline=getattr(chosen, "offline", False),
            refresh=_selection(chosen, "refresh"),
            upgrade=_selection(chosen, "upgrade"),
            reinstall=_selection(chosen, "reinstall"),
            no_binary=_named_selection(getattr(chosen, "no_binary", ())),
            no_build=_named_selection(getattr(chosen, "no_build", ())),
            no_cache=getattr(chosen, "no_cache", False),
            no_sources=getattr(chosen, "no_sources", False),
            no_deps=getattr(chosen, "no_deps", False),
            compile_bytecode=getattr(chosen, "compile_bytecode", False),
            index_strategy=getattr(chosen, "index_strategy", "first-index"),
        )

    @property
    def _venv(self) -> Path | None:
        if self.chosen.venv:
            return self._path(self.chosen.venv)
        return None if hasattr(self.chosen, "project") else self._path(".venv")

    def _path(self, text: str) -> Path:
        return self.folder / text

    @property
    def _demand(self) -> Demand:
        chosen = self.chosen
        if not (chosen.requirements or chosen.requirement or chosen.editable):
            raise UsageError(
                "nothing is asked for",
                hint=f"name requirements, -r FILE or -e DIR; see {PROGRAM} -h",
            )
        overrides = [
            line.text
            for path in chosen.override
            for line in read_requirements(self.folder / path).requirements
        ]
        return Demand(
            requirements=[self._located(text) for text in chosen.requirements],
            editable=[str(self.folder / path) for path in chosen.editable],
            files=[self.folder / path for path in chosen.requirement],
            constraints=chosen.constrain,
            constraint_files=[self.folder / path for path in chosen.constraint],
            overrides=[*overrides, *chosen.override_with],
            default_index=chosen.index_url,
            find_links=[
                text if "://" in text else str(self.folder / text) for text in chosen.find_links
            ],
            no_index=chosen.no_index,
            require_hashes=chosen.require_hashes,
            extras=getattr(chosen, "extra", ()),
            groups=getattr(chosen, "group", ()),
        )

    def _located(self, requirement: str) -> str:
        """Return a requirement; one that is a path as it is from the current folder."""
        is_relative = is_path(requirement) and not requirement.startswith(("/", "~", "file:"))
        return str(self.folder / requirement) if is_relative else requirement


_COMMANDS: Mapping[str, Callable[[Invocation], int | None]] = {
    "lock": Invocation.lock,
    "sync": Invocation.sync,
    "run": Invocation.run,
    "add": Invocation.add,
    "remove": Invocation.remove,
    "install": Invocation.install,
    "sync-requirements": Invocation.sync_requirements,
    "compile": Invocation.compile,
    "uninstall": Invocation.uninstall,
    "remove-venv": Invocation.remove_venv,
    "cache clear": Invocation.clear_cache,
    "cache prune": Invocation.prune_cache,
    "cache dir": Invocation.print_folder,
}


def named_index(text: str) -> IndexLocation:
    """Read ``NAME=URL`` or a URL.

    :raises UsageError: if it is neither
    """
    name, found, url = text.partition("=")
    if not found or "://" in name:
        name, url = text, text
    if "://" not in url:
        raise UsageError(f"{text!r} is no index", hint="write NAME=URL")
    return IndexLocation(name, url)


def _extra_indexes(chosen: Namespace) -> tuple[IndexLocation, ...]:
    """Return the indexes that are asked before the default one, as all options together say.

    :raises UsageError: for an option about an index that is not named
    """
    indexes = {it.name: it for it in map(named_index, getattr(chosen, "extra_index_url", ()))}
    for name in getattr(chosen, "flat", ()):
        indexes[name] = replace(_named(indexes, name, "--flat"), flat=True)
    for text in getattr(chosen, "cache_control", ()):
        place, found, value = text.partition("=")
        name, _, kind = place.rpartition(".")
        if not found or kind not in ("pages", "files"):
            raise UsageError(
                f"--cache-control {text!r} says neither pages nor files",
                hint="write NAME.pages=VALUE or NAME.files=VALUE",
            )
        override = {f"{kind}_override": value}
        indexes[name] = replace(_named(indexes, name, "--cache-control"), **override)
    return tuple(indexes.values())


def _named(indexes: Mapping[str, IndexLocation], name: str, option: str) -> IndexLocation:
    if name not in indexes:
        raise UsageError(
            f"{option}: no index is called {name!r}", hint="name it: --extra-index-url NAME=URL"
        )
    return indexes[name]


def _selection(chosen: Namespace, name: str) -> Selection:
    return Selection.of(getattr(chosen, name, False) or getattr(chosen, f"{name}_package", ()))


def _named_selection(names: Sequence[str]) -> Selection:
    return EVERYTHING if ":all:" in names else Selection.of(names)
