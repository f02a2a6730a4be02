"""What a scenario could make an installer run: commands, files and project files word for word.

A scenario is data from a stranger. Code that a build backend, a hook or Python itself would run has
no way in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from pytest_indexcache.data_formats import loads_toml
from pytest_indexcache.scenario.checks.findings import Finding
from pytest_indexcache.scenario.checks.positions import Path
from pytest_indexcache.scenario.commands import split_command
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.changes import Edit
from pytest_indexcache.scenario.tables.verbs import Command
from pytest_indexcache.scenario.tables.wording import shown
from pytest_indexcache.scenario.values.reach import Reach

_SUFFIXES: Final = (".in", ".lock", ".md", ".rst", ".toml", ".txt")
_HIDDEN: Final = ".python-version"
_RUNNING: Final = (
    "build-system.backend-path",
    "tool.pdm.plugins",
    "tool.pdm.scripts",
    "tool.poetry.build",
    "tool.poetry.requires-plugins",
)
"""Keys of project files by which an installer runs code of the project's choosing."""


def check_strangers(scenario: Scenario, reach: Reach) -> Iterator[Finding]:
    """Yield whatever might make an installer run code that comes with the scenario."""
    yield from _files(("files",), scenario.files)
    yield from _project_files(("project-files",), scenario.project_files)
    for number, step in enumerate(scenario.steps):
        path = ("steps", number)
        if isinstance(step, Edit):
            yield from _files((*path, "files"), step.files)
            yield from _project_files((*path, "project-files"), step.project_files)
        elif isinstance(step, Command):
            for installer, command in step.command.items():
                try:
                    split_command(installer, command, reach)
                except ValueError as error:
                    yield Finding((*path, "command", installer), str(error))


def _files(path: Path, files: Mapping[str, str]) -> Iterator[Finding]:
    for name, text in files.items():
        place = PurePosixPath(name)
        hidden = [part for part in place.parts if part.startswith(".") and part.strip(".")]
        if place.name != _HIDDEN and (hidden or place.suffix not in _SUFFIXES):
            what = f"hidden: {shown(hidden[0])}" if hidden else "of a kind that might be run"
            yield Finding(
                (*path, name), f"the file is {what}", f"files may end in {', '.join(_SUFFIXES)}"
            )
        elif place.name == "pyproject.toml":
            yield from _project_file((*path, name), text)


def _project_files(path: Path, files: Mapping[str, str]) -> Iterator[Finding]:
    for installer, text in files.items():
        yield from _project_file((*path, installer), text)


def _project_file(path: Path, text: str) -> Iterator[Finding]:
    try:
        document = loads_toml(text)
    except ValueError:
        return  # what cannot be read does nothing
    for dotted in _RUNNING:
        if _has(document, dotted):
            yield Finding(path, f"{dotted} would run code that comes with the scenario")


def _has(document: Mapping[str, Any], dotted: str) -> bool:
    value: Any = document
    for key in dotted.split("."):
        if not isinstance(value, Mapping) or key not in value:
            return False
        value = value[key]
    return True
