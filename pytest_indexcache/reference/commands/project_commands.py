"""Commands on a project: lock, sync, run, add and remove."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.utils import NormalizedName, canonicalize_name

from pytest_indexcache.errors import LockfileError, UsageError
from pytest_indexcache.reference.build.variables import process_variables
from pytest_indexcache.reference.commands.command import Commands
from pytest_indexcache.reference.commands.demand import parse_requirement
from pytest_indexcache.reference.commands.session import DEFAULT_OPTIONS, Options, Session
from pytest_indexcache.reference.install.changes import Changes, count_packages
from pytest_indexcache.reference.lock.lockfile import (
    CREATED_BY,
    LOCKFILE_NAME,
    Lockfile,
    read_lock,
    write_lock,
)
from pytest_indexcache.reference.lock.project_resolver import resolve_project
from pytest_indexcache.reference.project.project import ProjectDefinition, load_project
from pytest_indexcache.reference.project.project_file import ProjectFile
from pytest_indexcache.reference.words.packages import IndexLocation
from pytest_indexcache.system.atomic_files import write_atomically
from pytest_indexcache.system.venvs.environment import Environment


@dataclass(frozen=True, slots=True)
class Completion:
    """A process that ended: what it was for the venv before, its exit code and its output."""

    changes: Changes
    exit_code: int
    output: str


class ProjectCommands(Commands):
    """Commands on the project in a folder, whose venv is ``.venv`` there unless one is named."""

    def lock(
        self, folder: Path, *, locked: bool = False, options: Options = DEFAULT_OPTIONS
    ) -> Lockfile:
        """Bring the lockfile up to date, keeping its versions where they still do.

        :raises LockfileError: with ``locked``, if it is not up to date
        """
        definition = self._load(folder, options)
        with self._open(_venv(folder, options), options, definition.indexes) as session:
            return self._locked(session, definition, frozen=False, locked=locked)

    def sync(
        self,
        folder: Path,
        *,
        extras: Collection[str] = (),
        groups: Collection[str] = (),
        frozen: bool = False,
        locked: bool = False,
        options: Options = DEFAULT_OPTIONS,
    ) -> Changes:
        """Bring the venv to exactly what the lockfile says, which is made or updated first.

        ``frozen`` takes the lockfile as it is, ``locked`` demands that it is up to date.
        """
        definition, venv = self._load(folder, options), _venv(folder, options)
        if self.settings.behaviour.uninstall_first:
            self._empty(venv)
        with self._open(venv, options, definition.indexes) as session:
            lock = self._locked(session, definition, frozen=frozen, locked=locked)
            target, indexes = session.interpreter.target, definition.indexes
            pins = lock.select(
                extras,
                groups,
                target=target,
                indexes=indexes,
                no_binary=options.no_binary,
                no_build=options.no_build,
            )
            wanted = _direct_names(definition, extras, groups)
            if options.no_deps:
                pins = tuple(pin for pin in pins if pin.name in wanted)
            return self._bring(session, venv, pins, exact=True, requested=wanted, is_ours=True)

    def run(
        self,
        folder: Path,
        arguments: Sequence[str],
        *,
        extras: Collection[str] = (),
        groups: Collection[str] = (),
        frozen: bool = False,
        locked: bool = False,
        capture: bool = True,
        options: Options = DEFAULT_OPTIONS,
    ) -> Completion:
        """Sync, then start the venv's Python with these arguments in the project's folder.

        Output and errors are captured together, unless the process shall have the terminal.
        """
        changes = self.sync(
            folder, extras=extras, groups=groups, frozen=frozen, locked=locked, options=options
        )
        environment = Environment.open(_venv(folder, options))
        if environment is None:
            raise UsageError(f"the venv {_venv(folder, options)} is gone")

        variables = process_variables(environment.scripts, self.settings.environment)

        def start() -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                [str(environment.python), *arguments],
                cwd=folder,
                env=variables,
                stdin=subprocess.DEVNULL if capture else None,
                stdout=subprocess.PIPE if capture else None,
                stderr=subprocess.STDOUT if capture else None,
            )

        code, written = self.settings.confine(environment.python, [folder]).run(start)
        return Completion(changes, code, written.decode("utf-8", "replace"))

    def add(
        self,
        folder: Path,
        requirements: Sequence[str],
        *,
        index: IndexLocation | None = None,
        path: Path | None = None,
        editable: bool = False,
        extra: str | None = None,
        group: str | None = None,
        options: Options = DEFAULT_OPTIONS,
    ) -> Changes:
        """Add requirements to the project file, or to an extra or group of it; lock and sync.

        ``index`` or ``path`` says where they come from. The extra or group is selected. If the
        rest fails, project file and lockfile are as they were.
        """
        file = ProjectFile(folder / "pyproject.toml")
        added = [parse_requirement(text) for text in requirements]
        file.add_requirements(added, extra=extra, group=group)
        source: dict[str, object] = {}
        if index is not None:
            file.add_index(index)
            source["index"] = index.name
        elif path is not None:
            source["path"] = _relative(path, folder)
            if editable:
                source["editable"] = True
        for requirement in added if source else ():
            file.set_source(canonicalize_name(requirement.name), source)
        return self._rewrite_and_sync(file, folder, extra, group, options)

    def remove(
        self,
        folder: Path,
        projects: Collection[str],
        *,
        extra: str | None = None,
        group: str | None = None,
        options: Options = DEFAULT_OPTIONS,
    ) -> Changes:
        """Remove requirements from the project file, or from an extra or group; lock and sync.

        If the rest fails, project file and lockfile are as they were.

        :raises UsageError: if one of the projects is not required there
        """
        file = ProjectFile(folder / "pyproject.toml")
        names = frozenset(map(canonicalize_name, projects))
        file.remove_requirements(names, extra=extra, group=group)
        return self._rewrite_and_sync(file, folder, extra, group, options)

    def _load(self, folder: Path, options: Options) -> ProjectDefinition:
        definition = load_project(
            folder,
            default_index=self.settings.default_index,
            extra_indexes=self.settings.indexes,
        )
        return replace(definition, sources={}) if options.no_sources else definition

    def _locked(
        self, session: Session, definition: ProjectDefinition, *, frozen: bool, locked: bool
    ) -> Lockfile:
        """Return the lock, made anew where it is not up to date or newer releases are wanted."""
        path, options = definition.folder / LOCKFILE_NAME, session.options
        present = read_lock(path)
        if frozen:
            if present is None:
                raise LockfileError(f"there is no {path}", hint="lock first, without --frozen")
            return present
        is_current = present is not None and present.is_current(
            definition, session.interpreter.target
        )
        if present is not None and is_current and not (options.upgrade or options.refresh):
            self.settings.journal("the lockfile is up to date: no index is asked for releases")
            return present
        if locked and not is_current:
            state = "is missing" if present is None else "is out of date"
            raise LockfileError(f"{path} {state}", hint="lock, or leave out --locked")
        if present is not None and present.pylock.created_by != CREATED_BY:
            raise LockfileError(
                f"{path} was written by {present.pylock.created_by}, which may need it as it is",
                hint="use it with --frozen, or remove it and lock anew",
            )
        return self._resolve_anew(session, definition, present)

    def _resolve_anew(
        self, session: Session, definition: ProjectDefinition, present: Lockfile | None
    ) -> Lockfile:
        preferences = present.preferences(session.options.upgrade) if present else None
        lock = resolve_project(
            definition,
            session.finder,
            session.metadata,
            preferences=preferences,
            most_requests=self.settings.most_requests,
            say=self.settings.echo,
        )
        self.settings.echo(f"Resolved {count_packages(len(lock.pylock.packages))}")
        write_lock(definition.folder / LOCKFILE_NAME, lock)
        return lock

    def _rewrite_and_sync(
        self,
        file: ProjectFile,
        folder: Path,
        extra: str | None,
        group: str | None,
        options: Options,
    ) -> Changes:
        lockfile = folder / LOCKFILE_NAME
        former = lockfile.read_bytes() if lockfile.is_file() else None
        if not file.write():
            self.settings.echo(f"{file.path} was written anew, without its comments")
        try:
            return self.sync(
                folder,
                extras=() if extra is None else (extra,),
                groups=() if group is None else (group,),
                options=options,
            )
        except BaseException:
            file.restore()
            if former is None:
                lockfile.unlink(missing_ok=True)
            else:
                write_atomically(lockfile, former)
            raise


def _venv(folder: Path, options: Options) -> Path:
    return (options.venv or folder / ".venv").absolute()


def _relative(path: Path, folder: Path) -> str:
    """Write a path as the project file has it: relative, with slashes."""
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # another drive
        return path.absolute().as_posix()


def _direct_names(
    definition: ProjectDefinition, extras: Collection[str], groups: Collection[str]
) -> frozenset[NormalizedName]:
    """Return the projects that the project itself names, for what is selected."""
    lists = [definition.dependencies]
    lists += [definition.optional_dependencies.get(canonicalize_name(it), ()) for it in extras]
    lists += [definition.dependency_groups.get(canonicalize_name(it), ()) for it in groups]
    names = (canonicalize_name(it.name) for requirements in lists for it in requirements)
    return frozenset((*names, definition.name))
