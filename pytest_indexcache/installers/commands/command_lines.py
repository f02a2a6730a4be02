"""Represent an installer's command lines, and format them for display."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from pytest_indexcache.errors import CapabilityError
from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.scenario.tables.steps import Run

_VERBOSE: Final = {"uv": "-v", "pip": "-vv", "poetry": "-vvv", "pdm": "-v"}
"""The verbose option that the maintainers of each installer ask for in bug reports."""

_AFTER_SUBCOMMAND: Final = frozenset({"pdm"})
"""Installers that ignore options in front of the subcommand."""


@dataclass(frozen=True)
class CommandLine:
    """A command that runs an installer in the project's folder.

    ``arguments`` follow the installer's name on the command line. ``files`` maps paths in the
    project's folder to the contents to write before the command runs. ``environment`` contains
    variables to set in addition to those that are set for every command. The command is skipped in
    two cases: if running the installer with the arguments ``unless`` succeeds, or if the file
    ``makes`` is newer than all files in ``out_of``. With ``may_fail``, the step continues after an
    orderly failure. With ``in_venv``, the venv's Python is run with the arguments instead of the
    installer. ``keeps``, if given, takes the project's folder and returns the projects to keep in
    the venv. The names of all other installed projects are added to the arguments; if there are
    none, the command is skipped. ``note`` explains the command to the user.
    """

    arguments: tuple[str, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    unless: tuple[str, ...] | None = None
    makes: str = ""
    out_of: tuple[str, ...] = ()
    may_fail: bool = False
    in_venv: bool = False
    keeps: Callable[[Path], Collection[str]] | None = None
    note: str = ""

    def forgives(self, kind: ExitKind) -> bool:
        """Return whether the step continues after the command has exited in the given way."""
        return self.may_fail and kind is ExitKind.FAILURE

    def is_done(self, folder: Path) -> bool:
        """Return whether the file ``makes`` exists and is newer than the files in ``out_of``."""
        if not self.makes or not (folder / self.makes).is_file():
            return False
        made = (folder / self.makes).stat().st_mtime_ns
        sources = (folder / name for name in self.out_of)
        return all(made > path.stat().st_mtime_ns for path in sources if path.is_file())

    def without_kept(self, folder: Path, held: Collection[str]) -> CommandLine | None:
        """Return this command with the projects to remove added to its arguments.

        ``held`` contains the installed projects; those that are not to be kept are removed. If all
        are to be kept, the result is None. A command without ``keeps`` is returned unchanged.
        """
        if self.keeps is None:
            return self
        others = tuple(sorted(set(held) - set(self.keeps(folder))))
        return replace(self, arguments=(*self.arguments, *others), keeps=None) if others else None

    def shown(self, name: str, python: str = ".venv/bin/python") -> str:
        """Return the command as text to paste into a shell in the project's folder.

        ``name`` is the installer's name. ``python`` is the path of the venv's Python.
        """
        settings = [f"{key}={shlex.quote(value)}" for key, value in self.environment.items()]
        command = shlex.join([python if self.in_venv else name, *self.arguments])
        line = " ".join([*settings, command])
        if self.unless is not None:
            line = f"{shlex.join([name, *self.unless])} || {line}"
        if self.makes:
            newer = (shlex.join(["test", self.makes, "-nt", place]) for place in self.out_of)
            line = f"{' && '.join(newer)} || {line}"
        line = f"{line} || true" if self.may_fail else line
        return f"{line}  # {self.note}" if self.note else line


def named(option: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """Return the option repeated for each value, such as ``--extra cpu --extra dev``."""
    return tuple(part for value in values for part in (option, value))


def lines(texts: tuple[str, ...]) -> str:
    """Return the contents of a file with one requirement per line."""
    return "".join(f"{text}\n" for text in texts)


def comma_list(projects: bool | tuple[str, ...]) -> str:
    """Return the projects as a comma-separated list, or ``:all:`` if ``projects`` is true."""
    return ",".join(projects) if isinstance(projects, tuple) else ":all:"


def import_program(step: Run) -> str:
    """Return the Python program that imports the modules that a step names.

    :raises CapabilityError: if a name cannot be the name of a module
    """
    for name in step.imports:
        if not re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", name, re.ASCII):
            raise CapabilityError(name, "is not the dotted name of a module")
    return f"import {', '.join(step.imports)}" if step.imports else "pass"


def verbose_lines(installer: str, commands: Iterable[CommandLine]) -> tuple[CommandLine, ...]:
    """Return the commands with the installer's verbose option added, if that option is known."""
    return tuple(_verbose(installer, line) for line in commands)


def _verbose(installer: str, line: CommandLine) -> CommandLine:
    option = _VERBOSE.get(installer)
    if option is None or line.in_venv or not line.arguments:
        return line
    place = 1 if installer in _AFTER_SUBCOMMAND else 0
    first, rest = line.arguments[:place], line.arguments[place:]
    return replace(line, arguments=(*first, option, *rest))
