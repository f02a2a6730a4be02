"""Doing what a command line says: the method of a command has its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pytest_indexcache.reference.commands.cache_commands import CacheCommands
from pytest_indexcache.reference.commands.command import Commands
from pytest_indexcache.reference.commands.options import Options
from pytest_indexcache.reference.commands.project_commands import ProjectCommands
from pytest_indexcache.reference.commands.requirement_commands import RequirementCommands
from pytest_indexcache.reference.commands.session import Settings

_CLASSES: Final[tuple[type[Commands], ...]] = (RequirementCommands, ProjectCommands, CacheCommands)


def run_command(options: Options, settings: Settings) -> int:
    """Do a command, and return the exit code.

    :raises ReferenceInstallerError: if it cannot be done
    """
    return getattr(do_command(options, settings), "exit_code", 0)


def do_command(options: Options, settings: Settings) -> Any:
    """Do a command, and return what it did as plain data.

    :raises ReferenceInstallerError: if it cannot be done
    """
    return method_of(options, settings)()


def method_of(options: Options, settings: Settings) -> Callable[[], Any]:
    """Return the method that does a command: it has the name of the command."""
    name = options.command.replace(" ", "_").replace("-", "_")
    owner = next(it for it in _CLASSES if name in vars(it))
    method: Callable[[], Any] = getattr(owner(options, settings), name)
    return method
