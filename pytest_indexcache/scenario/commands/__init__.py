"""Check command lines in scenarios against a table of allowed words for each installer."""

from pytest_indexcache.scenario.commands.command_lines import (
    check_words,
    command_parts,
    entered_folders,
    new_project,
    split_command,
)
from pytest_indexcache.scenario.commands.parser import ParsedCommand
from pytest_indexcache.scenario.commands.programs import check_import, check_whole_import
from pytest_indexcache.scenario.commands.variables import check_variable, owner_of, variables_of

__all__ = [
    "ParsedCommand",
    "check_import",
    "check_variable",
    "check_whole_import",
    "check_words",
    "command_parts",
    "entered_folders",
    "new_project",
    "owner_of",
    "split_command",
    "variables_of",
]
