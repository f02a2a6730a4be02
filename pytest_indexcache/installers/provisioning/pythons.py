"""Find the Pythons that are needed to play a scenario."""

from __future__ import annotations

from pathlib import Path

from pytest_indexcache.errors import CapabilityError, UsageError
from pytest_indexcache.installers.provisioning.home import cache_home
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.model.pythons import excluded_pythons
from pytest_indexcache.scenario.tables.steps import InstallerStep
from pytest_indexcache.system.pythons.interpreter import (
    Interpreter,
    find_interpreter,
    running_interpreter,
)


def interpreter_for(scenario: Scenario, step: InstallerStep | None = None) -> Interpreter:
    """Return the Python for a step: the one that it names, the scenario's, or the running one.

    :raises CapabilityError: if that Python is not on this machine
    """
    wanted = (step.python if step else None) or scenario.python
    if wanted is None:
        return running_interpreter()
    try:
        return find_interpreter(wanted, cache_home() / "pythons")
    except UsageError as error:
        raise CapabilityError(f"Python {wanted}", error.problem, error.hint) from error


def scenario_pythons(scenario: Scenario) -> frozenset[Path]:
    """Return the executables of all Pythons that are needed to play a scenario.

    :raises CapabilityError: if one of them is not on this machine
    """
    steps = [step for _, step in scenario.every_step if isinstance(step, InstallerStep)]
    asked = [interpreter_for(scenario, step) for step in steps if step.python or scenario.python]
    return frozenset(
        interpreter.executable.resolve() for interpreter in (running_interpreter(), *asked)
    )


def demand_pythons(scenario: Scenario, installer: str) -> None:
    """Raise CapabilityError if a step cannot be played with its Python.

    :raises CapabilityError: if the Python is not on this machine, or if the project's
        ``requires-python`` excludes it and the step is not expected to fail
    """
    for _, step in scenario.every_step:
        if isinstance(step, InstallerStep):
            interpreter_for(scenario, step)

    def version_of(step: InstallerStep) -> str:
        return str(interpreter_for(scenario, step).target.python_version)

    for excluded in excluded_pythons(scenario, installer, version_of):
        remedy = f": {excluded.remedy}" if excluded.remedy else ""
        raise CapabilityError(installer, f"step {excluded.step} {excluded.problem}{remedy}")
