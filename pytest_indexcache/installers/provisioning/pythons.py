"""The Python that a scenario is played with."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any, Final

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from pytest_indexcache.errors import CapabilityError, UsageError
from pytest_indexcache.installers.provisioning.home import cache_home
from pytest_indexcache.reference.installing.interpreter import (
    Interpreter,
    find_interpreter,
    running_interpreter,
)
from pytest_indexcache.scenario.edits import edited
from pytest_indexcache.scenario.model import Scenario
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
_MINORS: Final = range(6, 40)


def interpreter_for(scenario: Scenario, step: InstallerStep | None = None) -> Interpreter:
    """Return the Python for a step: the step's own, the scenario's, or the running one.

    :raises CapabilityError: if it is not on this machine
    """
    wanted = getattr(step, "python", None) or scenario.python
    if wanted is None:
        return running_interpreter()
    try:
        return find_interpreter(wanted, cache_home() / "pythons")
    except UsageError as error:
        raise CapabilityError(f"Python {wanted}", error.problem, error.hint) from error


def demand_pythons(scenario: Scenario, installer: str) -> None:
    """Raise where a step cannot be played with the Python that it gets.

    :raises CapabilityError: if the Python is not on this machine, or if ``requires-python`` of the
        project leaves it out and the step is not expected to fail
    """
    for current, number, step in _installer_steps(scenario):
        interpreter = interpreter_for(current, step)
        if not _reads_project(step, installer) or step.expect.exit != "success":
            continue
        wanted = requires_python(current, installer)
        if wanted is None or wanted.contains(interpreter.target.python_version, prereleases=True):
            continue
        version = ".".join(map(str, interpreter.version))
        raise CapabilityError(
            installer,
            f"step {number} needs Python {wanted}, and Python {version} would play it"
            f"{_remedy(wanted)}",
        )


def _installer_steps(scenario: Scenario) -> Iterator[tuple[Scenario, int, InstallerStep]]:
    """Yield the steps of an installer, each with its number and the scenario as it stands then."""
    current = scenario
    for number, step in enumerate(scenario.steps, 1):
        if isinstance(step, Edit):
            current = edited(current, step)
        elif isinstance(step, InstallerStep):
            yield current, number, step


def _reads_project(step: InstallerStep, installer: str) -> bool:
    if isinstance(step, Command):
        command = step.command.get(installer, "pip")
        words = command.split() if isinstance(command, str) else command
        return "pip" not in words[:2]
    return isinstance(step, _PROJECT_VERBS)


def requires_python(scenario: Scenario, installer: str) -> SpecifierSet | None:
    """Return ``requires-python`` of the project as an installer is given it; None without one."""
    text: Any = scenario.project.requires_python
    verbatim = scenario.project_files.get(installer)
    if verbatim is not None:
        try:
            text = tomllib.loads(verbatim).get("project", {}).get("requires-python")
        except (tomllib.TOMLDecodeError, AttributeError):
            return None  # it is the installer that has to say what is wrong with it
    try:
        return SpecifierSet(text) if isinstance(text, str) else None
    except InvalidSpecifier:
        return None


def _remedy(wanted: SpecifierSet) -> str:
    for minor in _MINORS:
        if wanted.contains(f"3.{minor}.0") or wanted.contains(f"3.{minor}.99"):
            return f': say python = "3.{minor}"'
    return ""
