"""The code shared by all commands: choosing a Python, and changing a venv under a lock."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock
from packaging.utils import NormalizedName, parse_wheel_filename

from pytest_indexcache.errors import UsageError
from pytest_indexcache.reference.build.variables import process_variables
from pytest_indexcache.reference.commands.options import Options
from pytest_indexcache.reference.commands.session import Session, Settings
from pytest_indexcache.reference.install.changes import Changes
from pytest_indexcache.reference.install.installation import apply_plan, obtain_wheels
from pytest_indexcache.reference.install.plan import Plan, plan
from pytest_indexcache.reference.install.transaction import Transaction
from pytest_indexcache.reference.words.packages import Pin, RemoteFile
from pytest_indexcache.system.venvs.environment import Environment, demand_free, demand_not_damaged

if TYPE_CHECKING:
    from pytest_indexcache.reference.lock.lockfile import Lockfile


@dataclass(frozen=True)
class Commands:
    """The base class for commands, with a parsed command line and the caller's settings.

    Each command is a method that takes no arguments and returns its result as plain data.
    """

    options: Options
    settings: Settings

    @property
    def venv(self) -> Path:
        """The folder of the venv."""
        return self.options.venv_folder.absolute()

    def _select(self, session: Session, lock: Lockfile) -> tuple[Pin, ...]:
        """Return a lockfile's pins for the session's Python and the chosen extras and groups.

        A locked archive whose version is unknown is built first.
        """
        options = self.options
        pins = lock.select(
            options.extras,
            options.groups,
            target=session.interpreter.target,
            indexes=session.indexes,
            no_binary=options.no_binary,
            no_build=options.no_build,
        )
        return tuple(
            pin if pin.version or not pin.file else self._built(session, pin, pin.file)
            for pin in pins
        )

    def _built(self, session: Session, pin: Pin, file: RemoteFile) -> Pin:
        """Build a wheel from a locked archive, and return the pin with the wheel's version."""
        wheel = session.builder.build_sdist(session.downloads.fetch(file), pin.name)
        _, version, _, _ = parse_wheel_filename(wheel.name)
        return replace(pin, version=version, file=replace(file, version=version))

    def _bring(
        self,
        session: Session,
        pins: Sequence[Pin],
        *,
        exact: bool,
        requested: Collection[NormalizedName] = (),
        is_ours: bool = False,
    ) -> Changes:
        """Make the venv match the pins, and return the changes that were made.

        With ``exact``, distributions without a pin are removed. ``requested`` are the projects that
        the user named. ``is_ours`` is true if the venv belongs to this installer; it is then
        recreated if it does not have the session's Python.
        """
        with self._sole_user_of_venv():
            environment = self._usable(session, is_ours=is_ours)
            todo = plan(
                environment.installed() if environment else (),
                pins,
                self.settings.behaviour,
                exact=exact,
                reinstall=self.options.reinstall,
            )
            for name, reason in todo.reasons.items():
                self.settings.journal(f"{name} will be changed: {reason}")
            if environment is not None and todo.is_empty:
                return self._say(Changes.keeping(todo.keep))
            changes = self._apply(session, environment, todo, requested)
        self._compile_bytecode()
        return self._say(changes)

    def _usable(self, session: Session, *, is_ours: bool) -> Environment | None:
        """Return the venv if it has the session's Python; None if it must be created.

        :raises UsageError: if the venv has another Python and ``is_ours`` is false
        """
        environment = Environment.open(self.venv)
        if environment is None:
            if not is_ours:
                demand_not_damaged(self.venv)
            return None
        wanted, present = str(session.interpreter.target.python_version), environment.full_version
        if present.startswith(".".join(wanted.split(".")[:2]) + "."):
            return environment
        if is_ours:
            return None
        raise UsageError(
            f"the venv {self.venv} has Python {present}, not {wanted}",
            hint="remove the venv, or name another one",
        )

    def _apply(
        self,
        session: Session,
        environment: Environment | None,
        todo: Plan,
        requested: Collection[NormalizedName],
    ) -> Changes:
        """Fetch all wheels, create the venv if necessary, and apply the plan to the venv."""
        wheels = obtain_wheels(session, todo.add)
        for pin, wheel in zip(todo.add, wheels, strict=True):
            if pin.file is not None and pin.file.is_wheel:
                session.metadata.demand_same(pin.file, wheel)
        if environment is not None:
            return apply_plan(session, environment, todo, wheels, requested)
        with self._old_venv_aside():
            environment = session.create_environment(self.venv)
            version = session.interpreter.target.python_version
            self.settings.echo(f"Created a venv in {self.venv} with Python {version}")
            return apply_plan(session, environment, todo, wheels, requested)

    @contextmanager
    def _old_venv_aside(self) -> Iterator[None]:
        """Move the old venv aside until the new one is complete; restore it after an error."""
        demand_free(self.venv)
        aside = self.venv.with_name(f".{self.venv.name}-{os.getpid()}")
        is_there = self.venv.is_dir()
        if is_there:
            self.venv.rename(aside)
        try:
            yield
        except BaseException:
            shutil.rmtree(self.venv, ignore_errors=True)
            if is_there:
                aside.rename(self.venv)
            raise
        if aside.is_symlink():
            aside.unlink()
        elif is_there:
            shutil.rmtree(aside, ignore_errors=True)

    def _compile_bytecode(self) -> None:
        environment = Environment.open(self.venv) if self.options.compile_bytecode else None
        if environment is None:
            return
        command = [str(environment.python), "-m", "compileall", "-q"]
        command.append(str(environment.site_packages))
        variables = process_variables(environment.scripts, self.settings.environment)
        confinement = self.settings.confine(environment.python, [environment.site_packages])
        confinement.run(lambda: subprocess.Popen(command, env=variables))

    def _say(self, changes: Changes) -> Changes:
        for line in changes.lines():
            self.settings.echo(line)
        return changes

    @contextmanager
    def _sole_user_of_venv(self) -> Iterator[None]:
        """Prevent other commands with the same cache from changing the venv during the block."""
        with self._sole_user_of(self.venv):
            yield

    def _sole_user_of(self, folder: Path) -> FileLock:
        """Return a lock for a folder; all commands that use the same cache respect the lock."""
        name = sha256(os.fsencode(folder)).hexdigest()[:32]
        return FileLock(self.settings.cache_dir / "locks" / f"{name}.lock")

    def _empty(self) -> None:
        """Remove all installed distributions if the variant has the bug ``uninstall_first``."""
        environment = Environment.open(self.venv)
        if environment is not None and self.settings.behaviour.uninstall_first:
            with self._sole_user_of_venv(), Transaction(environment) as change:
                change.commit(environment.installed())
