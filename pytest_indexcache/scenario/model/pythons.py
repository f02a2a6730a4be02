"""Find the steps that use a Python version excluded by ``requires-python``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from pytest_indexcache.data_formats import loads_toml
from pytest_indexcache.scenario.commands import command_parts
from pytest_indexcache.scenario.model import Scenario, step_number
from pytest_indexcache.scenario.model.edits import edited
from pytest_indexcache.scenario.tables.steps import (
    Add,
    Command,
    Edit,
    InstallerStep,
    Lock,
    Remove,
    Sync,
)

_PROJECT_VERBS: Final = (Lock, Sync, Add, Remove)
_PROJECT_COMMANDS: Final[Mapping[str, frozenset[str]]] = {
    "uv": frozenset(("sync", "lock", "add", "remove", "run", "export", "tree")),
    "poetry": frozenset(("install", "sync", "update", "add", "lock", "remove", "run", "show")),
    "pdm": frozenset(("install", "sync", "update", "add", "lock", "remove", "run", "list")),
}
"""For each installer, the subcommands that read the project file."""
_MINORS: Final = range(6, 40)
_LAST_PATCH: Final = 99

VersionOf = Callable[[InstallerStep], str]
"""A function that returns a step's Python version.

This is ``3.12.1``, for example, or ``3.12`` if any patch release can be used.
"""


@dataclass(frozen=True)
class ExcludedPython:
    """A step that uses a Python version that the project excludes.

    ``step`` is the number of the step, ``wanted`` is the project's ``requires-python``, and
    ``version`` is the Python version of the step.
    """

    step: int
    wanted: SpecifierSet
    version: str

    @property
    def problem(self) -> str:
        """The text of a message about the problem, without the full stop."""
        minor = ".".join(self.version.split(".")[:2])
        return f"needs Python {self.wanted}, and Python {minor} would play it"

    @property
    def remedy(self) -> str:
        """A hint to set a suitable Python version, or an empty string if no version is suitable."""
        fitting = (f"3.{minor}" for minor in _MINORS)
        found = next((version for version in fitting if _allows(self.wanted, version)), None)
        return f'say python = "{found}"' if found else ""


def excluded_pythons(
    scenario: Scenario, installer: str, version_of: VersionOf
) -> Iterator[ExcludedPython]:
    """Yield the steps that use a Python version excluded by the installer's project file.

    Steps that do not read the project file are skipped, and so are steps that are expected to fail.
    """
    current = scenario
    for place, step in scenario.every_step:
        if isinstance(step, Edit):
            current = edited(current, step)
        if not isinstance(step, InstallerStep) or not _reads_project(step, installer):
            continue
        wanted = requires_python(current, installer)
        if wanted is None or step.expect.exit not in ("success", 0):
            continue
        version = version_of(step)
        if not _allows(wanted, version):
            yield ExcludedPython(step_number(place), wanted, version)


def _reads_project(step: InstallerStep, installer: str) -> bool:
    if isinstance(step, Command):
        parts = command_parts(installer, step.command.get(installer, ""))
        return parts is not None and parts.subcommand.name in _PROJECT_COMMANDS.get(installer, ())
    return isinstance(step, _PROJECT_VERBS)


def _allows(wanted: SpecifierSet, version: str) -> bool:
    is_minor = version.count(".") == 1
    versions = [f"{version}.0", f"{version}.{_LAST_PATCH}"] if is_minor else [version]
    return any(wanted.contains(text, prereleases=True) for text in versions)


def requires_python(scenario: Scenario, installer: str) -> SpecifierSet | None:
    """Return ``requires-python`` from the installer's project file, or None if it is not set."""
    text: Any = scenario.project.requires_python
    verbatim = scenario.project_files.get(installer)
    if verbatim is not None:
        try:
            text = loads_toml(verbatim).get("project", {}).get("requires-python")
        except (ValueError, AttributeError):
            return None  # the installer should report this mistake itself
    try:
        return SpecifierSet(text) if isinstance(text, str) else None
    except InvalidSpecifier:
        return None
