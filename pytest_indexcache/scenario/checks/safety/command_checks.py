"""Check that commands, variables and imports run no code from outside the scenario."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pytest_indexcache.scenario.commands import (
    check_import,
    check_variable,
    check_whole_import,
    split_command,
)
from pytest_indexcache.scenario.findings.finding import Finding
from pytest_indexcache.scenario.findings.positions import Path
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.verbs import Command, InstallerStep, RemoveVenv, Run
from pytest_indexcache.scenario.values.reach import Reach


def check_commands(scenario: Scenario, reach: Reach) -> Iterator[Finding]:
    """Yield a finding for each command, variable or import that is not on an allow-list.

    Importing a module runs its code, and modules of the standard library could start programs.
    Therefore, only the modules of the scenario's own projects can be imported.
    """
    for path, step in scenario.every_step:
        for name in step.expect.imports:
            yield from _misfits(
                (*path, "expect", "imports", name), check_import, name, reach.modules
            )
        for place, name in enumerate(step.imports if isinstance(step, Run) else ()):
            yield from _misfits((*path, "import", place), check_whole_import, name, reach.modules)
        if isinstance(step, Command):
            for installer, command in step.command.items():
                where = (*path, "command", installer)
                yield from _misfits(where, split_command, installer, command, reach)
        if isinstance(step, InstallerStep):
            yield from _variables((*path, "env"), step, reach)


def _misfits(path: Path, check: Callable[..., object], *values: object) -> Iterator[Finding]:
    """Call a check with the values; if it raises an error, yield the error as a finding."""
    try:
        check(*values)
    except ValueError as error:
        yield Finding(path, str(error))


def _variables(path: Path, step: InstallerStep, reach: Reach) -> Iterator[Finding]:
    if step.env and isinstance(step, RemoveVenv):
        yield Finding(path, "no installer is started, so no variable has an effect")
    for name, value in step.env.items():
        yield from _misfits((*path, name), check_variable, name, value, reach)
