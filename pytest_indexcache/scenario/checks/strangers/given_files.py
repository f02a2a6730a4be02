"""The files that a scenario gives word for word, at any time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

from pytest_indexcache.scenario.checks.positions import Path
from pytest_indexcache.scenario.checks.strangers.contents.toml_files import PROJECT_FILE
from pytest_indexcache.scenario.model import Scenario


class GivenFile(NamedTuple):
    """A file that a scenario gives: its place in the scenario, its place in the workspace, text."""

    key: Path
    path: str
    text: str

    @property
    def name(self) -> str:
        """The name without its folder, in lower case: some file systems do not tell it apart."""
        return PurePosixPath(self.path).name.lower()


def given_files(scenario: Scenario) -> Iterator[GivenFile]:
    """Yield the files, and the project files, of a scenario and of the steps that edit them."""
    for prefix, holder in scenario.with_edits:
        for name, text in holder.files.items():
            yield GivenFile((*prefix, "files", name), name, text)
        for installer, text in holder.project_files.items():
            place = f"project/{PROJECT_FILE}"
            yield GivenFile((*prefix, "project-files", installer), place, text)
