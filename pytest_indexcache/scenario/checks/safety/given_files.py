"""The verbatim files in a scenario and in its ``edit`` steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

from pytest_indexcache.scenario.checks.safety.contents.toml_files import (
    PROJECT_FILE,
    names_of_project,
)
from pytest_indexcache.scenario.commands import new_project
from pytest_indexcache.scenario.findings.finding import Finding
from pytest_indexcache.scenario.findings.positions import Path
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.verbs import Command
from pytest_indexcache.scenario.values.placeholders import filled_length
from pytest_indexcache.scenario.words import limits


class GivenFile(NamedTuple):
    """A verbatim file: its key path in the scenario, its path in the workspace, and its text."""

    key: Path
    path: str
    text: str

    @property
    def name(self) -> str:
        """The filename without its folder, in lower case, because some file systems ignore case."""
        return PurePosixPath(self.path).name.lower()


def given_files(scenario: Scenario) -> Iterator[GivenFile]:
    """Yield the verbatim files and project files in a scenario and in its ``edit`` steps."""
    for prefix, holder in scenario.with_edits:
        for name, text in holder.files.items():
            yield GivenFile((*prefix, "files", name), name, text)
        for installer, text in holder.project_files.items():
            place = f"project/{PROJECT_FILE}"
            yield GivenFile((*prefix, "project-files", installer), place, text)


def names_in_files(scenario: Scenario) -> Iterator[str]:
    """Yield the project names in verbatim and generated project files, spelled as in the file."""
    for _, step in scenario.every_step:
        if isinstance(step, Command):
            made = (new_project(*command, step.folder) for command in step.command.items())
            yield from filter(None, made)
    for file in given_files(scenario):
        if file.name == PROJECT_FILE:
            yield from names_of_project(file.text)


def check_filled_lengths(scenario: Scenario, url_length: Callable[[str], int]) -> Iterator[Finding]:
    """Yield a finding for the first file that is too long after its placeholders are filled in.

    The total length of all these texts is limited as well. ``url_length`` takes a filename and
    returns the length of that file's URL in characters.
    """
    total = 0
    for file in given_files(scenario):
        length = filled_length(file.text, url_length)
        total += length if length > len(file.text) else 0
        if length > limits.OWN_TEXT:
            most = limits.OWN_TEXT
            text = f"filled in, the text has {length:,} characters; at most {most:,} are allowed"
        elif total > limits.FILLED:
            text = f"with this, all texts that are filled in have more than {limits.FILLED:,}"
            text = f"{text} characters"
        else:
            continue
        yield Finding(file.key, text, "use fewer placeholders, or shorter URLs")
        return
