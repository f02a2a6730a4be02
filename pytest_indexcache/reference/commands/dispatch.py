"""Doing what a command line says: the method of a command has its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pytest_indexcache.reference.commands.options import COMMANDS, Options
from pytest_indexcache.reference.commands.session import Settings

if TYPE_CHECKING:
    from pytest_indexcache.reference.commands.command import Commands


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
    method: Callable[[], Any] = getattr(_class_of(options.command)(options, settings), name)
    return method


def _class_of(command: str) -> type[Commands]:
    """Import the class of a command; those of others have imports of their own."""
    if command.startswith("cache "):
        from pytest_indexcache.reference.commands.cache_commands import CacheCommands

        return CacheCommands
    if COMMANDS[command].is_on_project:
        from pytest_indexcache.reference.commands.project_commands import ProjectCommands

        return ProjectCommands
    from pytest_indexcache.reference.commands.requirement_commands import RequirementCommands

    return RequirementCommands
