"""Command lines of installers as values: what is run, with which files, and how it is shown."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_indexcache.installers.contract.exits import ExitKind


@dataclass(frozen=True)
class CommandLine:
    """One command of an installer, run in the project's folder.

    ``arguments`` follow the installer's name. ``files`` are written before, by path in the
    project's folder; ``environment`` is added to what every command of the installer gets. The
    command is left out where ``unless``, other arguments of the installer, succeeds. With
    ``may_fail`` an orderly failure counts as success.
    """

    arguments: tuple[str, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    unless: tuple[str, ...] | None = None
    may_fail: bool = False

    def forgives(self, kind: ExitKind) -> bool:
        """Whether the step goes on after an exit of this kind."""
        return self.may_fail and kind is ExitKind.FAILURE

    def shown(self, name: str) -> str:
        """Write the command as it can be pasted into a shell, in the project's folder."""
        settings = [f"{key}={shlex.quote(value)}" for key, value in self.environment.items()]
        command = shlex.join([name, *self.arguments])
        line = " ".join([*settings, command])
        if self.unless is not None:
            line = f"{shlex.join([name, *self.unless])} || {line}"
        return f"{line} || true" if self.may_fail else line


def named(option: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """Return an option once for each value: ``--extra cpu --extra dev``."""
    return tuple(part for value in values for part in (option, value))


def lines(texts: tuple[str, ...]) -> str:
    """Return the contents of a file with one requirement a line."""
    return "".join(f"{text}\n" for text in texts)
