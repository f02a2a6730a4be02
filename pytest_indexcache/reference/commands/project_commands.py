"""The commands that act on a project: lock, sync, run, add and remove."""

from __future__ import annotations

import subprocess
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from packaging.utils import NormalizedName, canonicalize_name

from pytest_indexcache.errors import LockfileError, MetadataMismatchError, UsageError
from pytest_indexcache.reference.build.variables import process_variables
from pytest_indexcache.reference.commands.command import Commands
from pytest_indexcache.reference.commands.demand import extra_indexes, named_index
from pytest_indexcache.reference.commands.session import Session
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
from pytest_indexcache.reference.project.project_file import ProjectFile, relative_path
from pytest_indexcache.reference.project.requirement_texts import parse_requirement
from pytest_indexcache.reference.words.moments import read_moment
from pytest_indexcache.reference.words.selection import RESOLUTIONS
from pytest_indexcache.system.atomic_files import write_atomically
from pytest_indexcache.system.venvs.environment import Environment


@dataclass(frozen=True, slots=True)
class Completion:
    """The result of ``run``: the changes to the venv, and the program's exit code and output."""

    changes: Changes
    exit_code: int
    output: str


class ProjectCommands(Commands):
    """The commands that act on a project.

    By default, the project's venv is ``.venv`` in the project's folder.
    """

    def lock(self) -> Lockfile:
        """Update the lockfile, keeping the locked versions that still meet the requirements.

        :raises LockfileError: with ``locked``, if the lockfile is not up to date
        """
        with self._sole_user_of_project():
            definition = self._load()
            with self._session(definition) as session:
                return self._locked(session, definition)

    def sync(self) -> Changes:
        """Update the lockfile if necessary, then make the venv match it exactly.

        With ``frozen``, the lockfile is used unchanged; with ``locked``, it must be up to date.
        With ``inexact``, installed packages that are not in the lockfile are kept.
        """
        with self._sole_user_of_project():
            return self._sync()

    def _sync(self) -> Changes:
        options, definition = self.options, self._load()
        self._empty()
        with (
            self._session(definition) as session,
            self._former_files_after(MetadataMismatchError, LOCKFILE_NAME),
        ):
            lock = self._locked(session, definition)
            pins = self._select(session, lock)
            wanted = _direct_names(definition, options.extras, options.groups)
            if options.no_deps:
                pins = tuple(pin for pin in pins if pin.name in wanted)
            exact = not options.inexact
            return self._bring(session, pins, exact=exact, requested=wanted, is_ours=True)

    def run(self) -> Completion:
        """Sync, then run the venv's Python in the project's folder with the given arguments."""
        changes, folder, captures = self.sync(), self.options.project, self.settings.captures
        environment = Environment.open(self.venv)
        if environment is None:
            raise UsageError(f"the venv {self.venv} is gone")

        variables = process_variables(environment.scripts, self.settings.environment)

        def start() -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                [str(environment.python), *self.options.arguments],
                cwd=folder,
                env=variables,
                stdin=subprocess.DEVNULL if captures else None,
                stdout=subprocess.PIPE if captures else None,
                stderr=subprocess.STDOUT if captures else None,
            )

        code, written = self.settings.confine(environment.python, [folder]).run(start)
        output = written.decode("utf-8", "replace")
        for line in output.splitlines():
            self.settings.echo(line)
        return Completion(changes, code, output)

    def add(self) -> Changes:
        """Add requirements to the project file, or to an extra or group in it; then lock and sync.

        An index or a path that is given becomes the source of the requirements. If the requirements
        are added to an extra or a group, that extra or group is also synced. If locking or syncing
        fails, the project file and the lockfile are restored.
        """
        with self._sole_user_of_project():
            return self._add()

    def _add(self) -> Changes:
        options = self.options
        file = ProjectFile(options.project / "pyproject.toml")
        added = [parse_requirement(text) for text in options.requirements]
        file.add_requirements(added, extra=options.extra, group=options.group)
        source: dict[str, object] = {}
        place = options.editable_path or options.path
        if options.index is not None:
            index = named_index(options.index)
            file.add_index(index)
            source["index"] = index.name
        elif place is not None:
            source["path"] = relative_path(place, options.project)
            if options.editable_path:
                source["editable"] = True
        for requirement in added if source else ():
            file.set_source(canonicalize_name(requirement.name), source)
        return self._rewrite_and_sync(file)

    def remove(self) -> Changes:
        """Remove requirements from the project file, or from an extra or group; then lock and sync.

        If locking or syncing fails, the project file and the lockfile are restored.

        :raises UsageError: if there is no requirement for one of the projects
        """
        options = self.options
        names = frozenset(map(canonicalize_name, options.projects))
        with self._sole_user_of_project():
            file = ProjectFile(options.project / "pyproject.toml")
            file.remove_requirements(names, extra=options.extra, group=options.group)
            return self._rewrite_and_sync(file)

    def _sole_user_of_project(self) -> AbstractContextManager[object]:
        """Return a lock that keeps other commands from changing the project's files."""
        if self.settings.behaviour.share_projects:
            return nullcontext()
        return self._sole_user_of(self.options.project.absolute())

    def _load(self) -> ProjectDefinition:
        named, default = self.options.index_url, self.settings.default_index
        definition = load_project(
            self.options.project,
            default_index=default if named is None else named,
            extra_indexes=extra_indexes(self.options),
        )
        if self.options.exclude_newer is not None:
            definition = replace(definition, exclude_newer=self.options.exclude_newer)
        if self.options.prereleases:
            definition = replace(definition, prereleases=True)
        if self.options.resolution is not None:
            definition = replace(definition, resolution=self.options.resolution)
        age = definition.exclude_newer
        if age is not None and self.settings.behaviour.age_becomes_moment:
            moment = datetime.fromtimestamp(read_moment(age, self.settings.clock()), UTC)
            definition = replace(definition, exclude_newer=moment.isoformat())
        return replace(definition, sources={}) if self.options.no_sources else definition

    def _session(self, definition: ProjectDefinition) -> Session:
        options = replace(
            self.options,
            exclude_newer=definition.exclude_newer,
            prereleases=definition.prereleases,
            resolution=definition.resolution,
        )
        return Session(self.settings, options, definition.indexes)

    def _locked(self, session: Session, definition: ProjectDefinition) -> Lockfile:
        """Return the lockfile; if it is out of date or an upgrade is requested, update it first."""
        path, options = definition.folder / LOCKFILE_NAME, self.options
        behaviour = self.settings.behaviour
        present = read_lock(path)
        if present is not None and behaviour.trust_lockfile:
            return present
        if options.frozen:
            if present is None:
                raise LockfileError(f"there is no {path}", hint="lock first, without --frozen")
            return present
        is_current = present is not None and present.is_current(
            definition, session.interpreter.target, as_written=behaviour.compare_written_urls
        )
        is_renewed = options.upgrade or options.refresh or behaviour.check_by_resolving
        if present is not None and is_current and not is_renewed:
            self.settings.journal("the lockfile is up to date: no index is asked for releases")
            return present
        if options.locked and not is_current:
            state = "is missing" if present is None else "is out of date"
            raise LockfileError(f"{path} {state}", hint="lock, or leave out --locked")
        if present is not None and present.pylock.created_by != CREATED_BY:
            raise LockfileError(
                f"{path} was written by {present.pylock.created_by}, and would be overwritten",
                hint="use it with --frozen, or remove it and lock again",
            )
        return self._resolve_anew(session, definition, present)

    def _resolve_anew(
        self, session: Session, definition: ProjectDefinition, present: Lockfile | None
    ) -> Lockfile:
        wanted = definition.resolution or RESOLUTIONS[0]
        keeps = present is not None and present.resolution == wanted
        keeps = keeps and not self.settings.behaviour.forget_versions
        preferences = present.preferences(self.options.upgrade) if present and keeps else None
        extras, groups = definition.optional_dependencies, definition.dependency_groups
        lock = resolve_project(
            definition,
            session.finder,
            session.metadata,
            preferences=preferences,
            lowest=session.lowest(_direct_names(definition, extras, groups)),
            most_requests=self.settings.most_requests,
            say=self.settings.echo,
        )
        self.settings.echo(f"Resolved {count_packages(len(lock.pylock.packages))}")
        if self.options.locked and present is not None and lock.pylock != present.pylock:
            raise LockfileError(
                f"{present.path} would change if it were locked now",
                hint="lock, or leave out --locked",
            )
        write_lock(definition.folder / LOCKFILE_NAME, lock)
        return lock

    def _rewrite_and_sync(self, file: ProjectFile) -> Changes:
        options = self.options
        extras = () if options.extra is None else (options.extra,)
        groups = () if options.group is None else (options.group,)
        with self._former_files_after(BaseException, "pyproject.toml", LOCKFILE_NAME):
            if not file.write():
                self.settings.echo(f"{file.path} was rewritten without its comments")
            return replace(self, options=replace(options, extras=extras, groups=groups))._sync()

    @contextmanager
    def _former_files_after(self, error: type[BaseException], *names: str) -> Iterator[None]:
        """Restore these project files to their earlier contents if the block raises this error."""
        paths = [self.options.project / name for name in names]
        former = {path: path.read_bytes() if path.is_file() else None for path in paths}
        try:
            yield
        except error:
            for path, data in former.items():
                if data is None:
                    path.unlink(missing_ok=True)
                else:
                    write_atomically(path, data)
            raise


def _direct_names(
    definition: ProjectDefinition, extras: Collection[str], groups: Collection[str]
) -> frozenset[NormalizedName]:
    """Return the projects that the project requires directly, with these extras and groups."""
    lists = [definition.dependencies]
    lists += [
        definition.optional_dependencies.get(canonicalize_name(extra), ()) for extra in extras
    ]
    lists += [definition.dependency_groups.get(canonicalize_name(group), ()) for group in groups]
    names = (
        canonicalize_name(requirement.name)
        for requirements in lists
        for requirement in requirements
    )
    return frozenset((*names, definition.name))
