"""The command lines that a scenario may have, by tables of each installer's subcommands."""

from pytest_indexcache.scenario.commands.command_lines import command_parts, split_command
from pytest_indexcache.scenario.commands.parser import ParsedCommand

__all__ = ["ParsedCommand", "command_parts", "split_command"]
