"""Commands that a scenario gives word for word: they start what the scenario itself made alone."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_indexcache.scenario.checks.findings import Finding
from pytest_indexcache.scenario.commands import split_command
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.verbs import Command
from pytest_indexcache.scenario.values.reach import Reach


def check_commands(scenario: Scenario, reach: Reach) -> Iterator[Finding]:
    """Yield the command lines that the tables of their installers do not allow."""
    for number, step in enumerate(scenario.steps):
        if isinstance(step, Command):
            for installer, command in step.command.items():
                try:
                    split_command(installer, command, reach)
                except ValueError as error:
                    yield Finding(("steps", number, "command", installer), str(error))
