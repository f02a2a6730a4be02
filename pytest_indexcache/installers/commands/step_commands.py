"""Play one step by running an installer's commands."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from pytest_indexcache.errors import (
    CapabilityError,
    InstallerError,
    PlayError,
    UsageError,
)
from pytest_indexcache.installers.commands.command_lines import CommandLine
from pytest_indexcache.installers.commands.dialect import Dialect
from pytest_indexcache.installers.commands.exits import CommandExit
from pytest_indexcache.installers.containment.containment import Containment
from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.installers.contract.installer import (
    Act,
    Network,
    Outcome,
    Workspace,
)
from pytest_indexcache.installers.contract.supply import ProvisionedInstaller
from pytest_indexcache.installers.processes.isolation import (
    clean_environment,
    demand_no_workspace_above,
    end_searches,
    write_in_workspace,
)
from pytest_indexcache.installers.processes.play_processes import (
    python_prefix,
    working_processes,
    workspace_containment,
)
from pytest_indexcache.installers.processes.process import Finished, run_command
from pytest_indexcache.installers.processes.step_limits import (
    ReachedLimit,
    StepLimits,
)
from pytest_indexcache.installers.processes.step_watch import StepWatch
from pytest_indexcache.installers.provisioning.home import cache_home
from pytest_indexcache.plain_files import demand_plain
from pytest_indexcache.scenario.tables.steps import Command
from pytest_indexcache.system.pythons.interpreter import Interpreter
from pytest_indexcache.system.venvs.environment import Environment
from pytest_indexcache.system.venvs.installed import read_installed

TIMED_OUT: Final = 124
"""The exit code for a command that was stopped at its time limit, as used by ``timeout``."""


def write_files(workspace: Workspace, folder: str, files: Mapping[str, str]) -> None:
    """Write files into a folder of the workspace; ``files`` maps paths to contents."""
    for path, text in files.items():
        write_in_workspace(workspace, workspace.folder(folder) / path, text)


@dataclass(frozen=True)
class StepCommands:
    """One step of a scenario, played by one release of an installer."""

    step: Any
    workspace: Workspace
    network: Network
    supplied: ProvisionedInstaller
    dialect: Dialect
    limits: StepLimits
    is_verbatim: bool
    python: Path

    def prepare(self, command_lines: tuple[CommandLine, ...], interpreter: Interpreter) -> Act:
        """Prepare the venv and environment of a step; return a function that runs the commands."""
        if self.dialect.needs_venv(self.step):
            self._make_venv(interpreter)
        python = self._python(interpreter)
        settings = self.dialect.environment(self.step, self.venv, python, self.workspace.cache)
        environment = clean_environment(self.workspace, self.network, python)
        goes_on = "" if self.dialect.ends_at_any_project else self.dialect.name
        end_searches(self.workspace, self.dialect.root_files(), goes_on=goes_on)
        if self.dialect.looks_through_all_above:
            demand_no_workspace_above(self.workspace, self.dialect.name)
        return partial(self._play, command_lines, {**environment, **settings}, self._files())

    def _play(
        self,
        command_lines: Sequence[CommandLine],
        environment: Mapping[str, str],
        files: dict[str, str],
    ) -> Outcome:
        """Run the commands in order, and stop at the first failure.

        The files that are written for the commands are added to ``files``.
        """
        ended, exit_code, output = CommandExit(ExitKind.SUCCESS), 0, []
        shown = []
        for planned in command_lines:
            line = planned.without_kept(self.folder, self._held(planned))
            if line is None:
                continue
            shown.append(line)
            write_files(self.workspace, self.step.folder, line.files)
            files |= {self._shown(self.folder / path): text for path, text in line.files.items()}
            variables = {**environment, **line.environment}
            is_met = line.unless and self._run(line.unless, variables).succeeded
            if is_met or line.is_done(self.folder):
                continue
            finished = self._run(line.arguments, variables, in_venv=line.in_venv)
            output.append(f"$ {self._shown_line(line)}\n{self._output_of(finished)}")
            self._demand_settings(finished)
            self._demand_python(finished)
            found = self.dialect.exit_of(finished, self.limits.seconds)
            if found.kind is not ExitKind.SUCCESS and not line.forgives(found.kind):
                self._demand_capabilities(finished)
                ended = found
                exit_code = TIMED_OUT if finished.exit_code is None else finished.exit_code
                break
        command = "\n".join(self._shown_line(line) for line in self._pasted(shown))
        return Outcome(
            ended.kind,
            exit_code,
            command,
            "\n".join(output),
            files,
            release=str(self.dialect.release),
            exit_note=ended.note,
        )

    def _demand_settings(self, finished: Finished) -> None:
        """Raise an error if the release prints that it ignores settings in the scenario.

        Without these settings, the play would test something else. No error is raised if the step
        expects this warning in the output.
        """
        ignored = self.dialect.ignored_settings(finished.output)
        expected = self.step.expect.output
        if ignored is None or (expected and any(text in ignored for text in expected.contains)):
            return
        release = f"{self.dialect.name} {self.dialect.release}"
        kind = CapabilityError if self._is_in_own_words else InstallerError
        raise kind(release, f"it ignores settings that it was given: {ignored}")

    def _demand_python(self, finished: Finished) -> None:
        """Raise CapabilityError if the installer would have to download a Python."""
        pattern = self.dialect.lacks_python
        match = pattern.search(finished.output) if pattern else None
        if match is not None:
            text = f"{self.dialect.name} finds no such Python, and none is downloaded in a play"
            raise CapabilityError(
                f"Python {match[1]}", text, "name the Python in the step: python = ..."
            )

    def _demand_capabilities(self, finished: Finished) -> None:
        """Raise CapabilityError if a command failed because the release lacks a capability.

        If the step does not expect success, nothing is raised.
        """
        if self.step.expect.exit in ("success", 0):
            self.dialect.demand_shown(finished.output)

    @property
    def _is_in_own_words(self) -> bool:
        return isinstance(self.step, Command) or bool(self.step.env) or self.is_verbatim

    @property
    def folder(self) -> Path:
        """The project's folder, in which the commands are run."""
        return self.workspace.folder(self.step.folder)

    @property
    def venv(self) -> Path:
        """The venv that the step changes."""
        return self.workspace.venv(self.step.folder, self.step.venv)

    def _make_venv(self, interpreter: Interpreter) -> None:
        """Make the venv if it does not exist, or if it has the wrong Python."""
        venv = Environment.open(self.venv)
        minor = ".".join(map(str, interpreter.version))
        if venv is not None and venv.full_version.startswith(f"{minor}."):
            return
        maker = self.supplied.python if self.dialect.has_virtualenv else None
        self._create(self.venv, interpreter, maker)

    def _python(self, interpreter: Interpreter) -> Path:
        """Return the Python that the installer is configured to use.

        This is the step's Python, unless the installer may start a Python outside any venv, or the
        scenario has verbatim commands or files. In these cases, it is the Python of an empty venv,
        which comes first on ``PATH``. Packages that are installed on this machine could otherwise
        affect the play, because they may have the same names as projects in the scenario.

        :raises PlayError: if an option of the step requests a different Python
        """
        if not (self.dialect.starts_python or self._is_in_own_words):
            return interpreter.executable
        version = interpreter.target.python_version
        foreign = self.dialect.foreign_python(self.step, version)
        if foreign is not None:
            raise PlayError(
                f"{foreign}: the step's Python is {version}, and another one of the machine would "
                "have packages of its own",
                "name the Python in the step: python = ...",
            )
        bare = self.workspace.home / "pythons" / ".".join(map(str, interpreter.version))
        venv = Environment.open(bare)
        # uv pip installs into this Python if the folder has no venv.
        if venv is None or venv.installed():
            venv = self._create(bare, interpreter)
        return venv.python

    def _create(
        self, folder: Path, interpreter: Interpreter, maker: Path | None = None
    ) -> Environment:
        try:
            return Environment.create(folder, interpreter, cache_home() / "virtualenv", maker)
        except UsageError as error:
            raise InstallerError(str(self.dialect.name), error.problem, error.hint) from error

    def _files(self) -> dict[str, str]:
        found = (
            path for pattern in self.dialect.file_patterns for path in self.folder.glob(pattern)
        )
        plain = (path for path in sorted(found) if path.is_file() and not path.is_symlink())
        return {
            self._shown(path): path.read_text(encoding="utf-8", errors="replace") for path in plain
        }

    def _held(self, line: CommandLine) -> Collection[str]:
        """Return the installed projects if the command removes some of them, or else ``()``.

        :raises PlayError: if a build left a pipe or a link in the venv, which could block a reader
            forever
        """
        if line.keeps is None:
            return ()
        demand_plain(self.workspace.root, self.venv)
        venv = Environment.open(self.venv)
        return (
            [distribution.name for distribution in read_installed(venv.site_packages)]
            if venv
            else ()
        )

    def _shown_line(self, line: CommandLine) -> str:
        scripts = Environment(Path("..", self.step.venv) if self.step.venv else Path(".venv"), {})
        return line.shown(self.dialect.name, scripts.python.as_posix())

    def _shown(self, path: Path) -> str:
        return path.relative_to(self.workspace.root).as_posix()

    def _run(
        self, arguments: tuple[str, ...], variables: Mapping[str, str], *, in_venv: bool = False
    ) -> Finished:
        python = _python_of(self.venv)
        command = [str(python), *arguments]
        if not in_venv:
            command = self.dialect.invocation(self.supplied, python, arguments)
        # run_command enforces the time limit, with SIGTERM first.
        limits = replace(self.limits, seconds=math.inf)
        with StepWatch(limits, (self.workspace.root,), working_processes) as watch:
            return run_command(
                command,
                folder=self.folder,
                environment=variables,
                limit=self.limits.seconds,
                containment=self._containment(command),
                watch=watch,
            )

    def _containment(self, command: Sequence[str]) -> Containment | None:
        """Return the containment for a command; it permits the installer and the step's Python."""
        supplied = self.supplied
        programs = [Path(command[0]), supplied.executable, python_prefix(self.python)]
        programs += [supplied.python] if supplied.python else []
        return workspace_containment(self.workspace, *programs, network=self.network)

    def _output_of(self, finished: Finished) -> str:
        reached = finished.reached
        if reached is None and finished.timed_out:
            reached = ReachedLimit.of_seconds(self.limits.seconds)
        return f"{finished.output}\n[ended: {reached.words}]\n" if reached else finished.output

    def _pasted(self, command_lines: Sequence[CommandLine]) -> list[CommandLine]:
        """Return the commands to paste into a shell.

        If the step names a venv, the variable that selects this venv is added to each command.
        """
        if self.step.venv is None:
            return list(command_lines)
        chosen = self.dialect.environment(self.step, Path("..", self.step.venv), Path(), Path())
        names = {name: text for name, text in chosen.items() if text == f"../{self.step.venv}"}
        return [replace(line, environment=names | dict(line.environment)) for line in command_lines]


def _python_of(venv: Path) -> Path:
    return Environment(venv, {}).python
