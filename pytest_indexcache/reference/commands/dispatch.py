"""Run the command that a command line names, by calling the method with the same name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from pytest_indexcache.errors import UsageError
from pytest_indexcache.reference.commands.cache_commands import CacheCommands
from pytest_indexcache.reference.commands.command import Commands
from pytest_indexcache.reference.commands.options import Options
from pytest_indexcache.reference.commands.project_commands import ProjectCommands
from pytest_indexcache.reference.commands.requirement_commands import RequirementCommands
from pytest_indexcache.reference.commands.session import Settings

_CLASSES: Final[tuple[type[Commands], ...]] = (RequirementCommands, ProjectCommands, CacheCommands)


def run_command(options: Options, settings: Settings) -> int:
    """Run a command, and return the exit code.

    :raises ReferenceInstallerError: if the command fails
    """
    return getattr(do_command(options, settings), "exit_code", 0)


def do_command(options: Options, settings: Settings) -> Any:
    """Run a command, and return its result as plain data.

    :raises ReferenceInstallerError: if the command fails
    """
    _demand_folder(settings.cache_dir.absolute())
    return method_of(options, settings)()


def _demand_folder(cache: Path) -> None:
    """Raise UsageError if the cache folder, or one of its parents, exists but is not a folder."""
    there = next(path for path in (cache, *cache.parents) if path.exists() or path.is_symlink())
    if not there.is_dir():
        raise UsageError(
            f"{cache} cannot be the cache folder: {there} is not a folder",
            hint="name another folder by --cache-dir, or remove what is there",
        )


def method_of(options: Options, settings: Settings) -> Callable[[], Any]:
    """Return the method that runs a command; it has the same name as the command."""
    name = options.command.replace(" ", "_").replace("-", "_")
    owner = next(cls for cls in _CLASSES if name in vars(cls))
    method: Callable[[], Any] = getattr(owner(options, settings), name)
    return method
