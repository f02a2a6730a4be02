"""Commands, variables and imports: they start what the scenario itself made alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pytest_indexcache.scenario.checks.findings import Finding
from pytest_indexcache.scenario.checks.positions import Path
from pytest_indexcache.scenario.commands import check_import, check_variable, split_command
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.verbs import Command, InstallerStep, RemoveVenv, Run
from pytest_indexcache.scenario.values.reach import Reach


def check_commands(scenario: Scenario, reach: Reach) -> Iterator[Finding]:
    """Yield the command lines and variables that the tables of installers do not allow.

    A module is run when it is imported: those of Python itself may start programs.
    """
    for path, step in scenario.every_step:
        yield from _imports(
            (*path, "expect", "imports"),
            ((name, name) for name in step.expect.imports),
            reach,
        )
        if isinstance(step, Run):
            yield from _imports((*path, "import"), enumerate(step.imports), reach)
        if isinstance(step, Command):
            for installer, command in step.command.items():
                try:
                    split_command(installer, command, reach)
                except ValueError as error:
                    yield Finding((*path, "command", installer), str(error))
        if isinstance(step, InstallerStep):
            yield from _variables((*path, "env"), step, reach)


def _imports(path: Path, names: Iterable[tuple[str | int, str]], reach: Reach) -> Iterator[Finding]:
    for place, name in names:
        try:
            check_import(name, reach.modules)
        except ValueError as error:
            yield Finding((*path, place), str(error))


def _variables(path: Path, step: InstallerStep, reach: Reach) -> Iterator[Finding]:
    if step.env and isinstance(step, RemoveVenv):
        yield Finding(path, "no installer is started, so that no variable has an effect")
    for name, value in step.env.items():
        try:
            check_variable(name, value, reach)
        except ValueError as error:
            yield Finding((*path, name), str(error))
