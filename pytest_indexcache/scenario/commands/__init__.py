"""The command lines that a scenario may have, by tables of each installer's subcommands."""

from pytest_indexcache.scenario.commands.command_lines import split_command
from pytest_indexcache.scenario.commands.programs import modules_of

__all__ = ["modules_of", "split_command"]
