"""What the commands have in common: choosing a Python, and changing a venv under a lock."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from filelock import FileLock
from packaging.utils import NormalizedName

from pytest_indexcache.errors import UsageError
from pytest_indexcache.reference.build.variables import process_variables
from pytest_indexcache.reference.commands.session import Options, Session, Settings
from pytest_indexcache.reference.install.changes import Changes
from pytest_indexcache.reference.install.installation import apply_plan, obtain_wheels
from pytest_indexcache.reference.install.plan import Plan, plan
from pytest_indexcache.reference.install.transaction import Transaction
from pytest_indexcache.reference.project.fingerprint import fingerprint
from pytest_indexcache.reference.words.packages import IndexLocation, Pin
from pytest_indexcache.system.pythons.interpreter import (
    Interpreter,
    find_interpreter,
    running_interpreter,
)
from pytest_indexcache.system.venvs.environment import Environment, demand_not_damaged


class Commands:
    """The base of the classes that have commands."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def _open(self, venv: Path, options: Options, indexes: Sequence[IndexLocation]) -> Session:
        """Begin a command for a venv, and for the Python that it has or shall have."""
        interpreter = self._interpreter(venv, options.python)
        return Session(self.settings, options, interpreter, indexes)

    def _interpreter(self, venv: Path, python: str | None) -> Interpreter:
        cache, confine = self.settings.interpreters, self.settings.confine
        if python is not None:
            return find_interpreter(python, cache, confine=confine)
        environment = Environment.open(venv)
        return environment.interpreter(cache, confine) if environment else running_interpreter()

    def _bring(
        self,
        session: Session,
        venv: Path,
        pins: Sequence[Pin],
        *,
        exact: bool,
        requested: Collection[NormalizedName] = (),
        is_ours: bool = False,
    ) -> Changes:
        """Bring a venv to what is pinned, and say what that took.

        A venv that ``is_ours`` is made anew where its Python is another one than is wanted.
        """
        with self._sole_user_of(venv):
            environment = self._usable(session, venv, is_ours=is_ours)
            todo = self._plan(session, environment, pins, exact=exact)
            if environment is not None and todo.is_empty:
                return self._say(Changes.keeping(todo.keep))
            changes = self._apply(session, venv, environment, todo, requested)
        self._compile_bytecode(session, venv)
        return self._say(changes)

    def _usable(self, session: Session, venv: Path, *, is_ours: bool) -> Environment | None:
        """Return the venv if it is there and has the session's Python."""
        environment = Environment.open(venv)
        if environment is None:
            if not is_ours:
                demand_not_damaged(venv)
            return None
        wanted, present = str(session.interpreter.target.python_version), environment.full_version
        if present.startswith(".".join(wanted.split(".")[:2]) + "."):
            return environment
        if is_ours:
            return None
        raise UsageError(
            f"the venv {venv} has Python {present}, not {wanted}",
            hint="remove the venv, or name another one",
        )

    def _plan(
        self,
        session: Session,
        environment: Environment | None,
        pins: Sequence[Pin],
        *,
        exact: bool,
    ) -> Plan:
        todo = plan(
            environment.installed() if environment else (),
            pins,
            self.settings.behaviour,
            exact=exact,
            reinstall=session.options.reinstall,
            fingerprint=fingerprint,
        )
        for name, reason in todo.reasons.items():
            self.settings.journal(f"{name}: to be changed, {reason}")
        return todo

    def _apply(
        self,
        session: Session,
        venv: Path,
        environment: Environment | None,
        todo: Plan,
        requested: Collection[NormalizedName],
    ) -> Changes:
        """Make the venv if need be, after everything that it takes is on this disk."""
        wheels = obtain_wheels(session, todo.add)
        session.demand_same_metadata(todo.add, wheels)
        if environment is not None:
            return apply_plan(session, environment, todo, wheels, requested)
        environment = session.create_environment(venv)
        self.settings.echo(
            f"Created a venv in {venv} with Python {session.interpreter.target.python_version}"
        )
        try:
            return apply_plan(session, environment, todo, wheels, requested)
        except BaseException:
            shutil.rmtree(venv, ignore_errors=True)
            raise

    def _compile_bytecode(self, session: Session, venv: Path) -> None:
        environment = Environment.open(venv) if session.options.compile_bytecode else None
        if environment is None:
            return
        command = [str(environment.python), "-m", "compileall", "-q"]
        command.append(str(environment.site_packages))
        variables = process_variables(environment.scripts, self.settings.environment)
        walls = self.settings.confine(environment.python, [environment.site_packages])
        walls.run(lambda: subprocess.Popen(command, env=variables))

    def _say(self, changes: Changes) -> Changes:
        for line in changes.lines():
            self.settings.echo(line)
        return changes

    @contextmanager
    def _sole_user_of(self, venv: Path) -> Iterator[None]:
        """Keep other processes that use the same cache from changing the venv."""
        name = sha256(os.fsencode(venv.absolute())).hexdigest()[:32]
        with FileLock(self.settings.cache_dir / "locks" / f"{name}.lock"):
            yield

    def _empty(self, venv: Path) -> None:
        """Remove whatever is installed; only the variant that has the bug does this."""
        environment = Environment.open(venv)
        if environment is not None:
            with self._sole_user_of(venv), Transaction(environment) as change:
                change.commit(environment.installed())
