"""The input for ``indexcache capture``: commands, a project, and the real indexes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pytest_indexcache.drafts.captures.commands import CapturedStep
from pytest_indexcache.drafts.captures.indexes.seen import CapturedIndex, is_same_index
from pytest_indexcache.drafts.captures.lock_hashes import rehashed_files
from pytest_indexcache.drafts.captures.lockfiles import locked_files, with_sources
from pytest_indexcache.drafts.captures.named_projects import (
    locked_names,
    named_in,
    named_in_lines,
    named_in_words,
)
from pytest_indexcache.drafts.captures.project_forms import with_index_names
from pytest_indexcache.drafts.captures.projects import PYPI, CapturedProject


@dataclass(frozen=True)
class CapturePlan:
    """The steps of a capture, the project, its indexes, and other files in the project's folder.

    ``files`` maps paths in this folder to texts. ``python`` is a version such as ``3.12``.
    ``remarks`` lists what the scenario leaves out. ``notes`` lists the indexes that will receive
    requests. ``names`` maps names of indexes to other names that reveal nothing private.
    """

    steps: tuple[CapturedStep | str, ...]
    project: CapturedProject
    indexes: tuple[CapturedIndex, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    python: str = ""
    remarks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    def renamed(self) -> CapturePlan:
        """Return a plan in which the indexes are renamed according to ``names``."""
        indexes = tuple(
            replace(index, name=self.names.get(index.name, index.name)) for index in self.indexes
        )
        project = with_index_names(self.project, self.names)
        written = [captured.tables.get("project-files", {}) for captured in (self.project, project)]
        files = {
            path: with_sources(text, self.names) if path == "poetry.lock" else text
            for path, text in rehashed_files(self.files, *written).items()
        }
        return replace(self, indexes=indexes, project=project, files=files, names={})

    @property
    def commands(self) -> tuple[CapturedStep, ...]:
        """The steps that run an installer's commands."""
        return tuple(step for step in self.steps if isinstance(step, CapturedStep))

    def step_tables(self) -> list[dict[str, Any]]:
        """Return the steps as tables of a scenario.

        A step that is only a string, such as ``remove-venv``, becomes a table with this verb.
        """
        return [
            {"do": step} if isinstance(step, str) else self._with_indexes(step)
            for step in self.steps
        ]

    def _with_indexes(self, step: CapturedStep) -> dict[str, Any]:
        """Return a step's table, with the indexes that its command cannot read from a file."""
        keys = dict(step.keys)
        if "command" in keys and (step.installer == "pip" or step.words[1:2] == ("pip",)):
            words = [keys["command"][step.installer], *self._index_options()]
            keys["command"] = {step.installer: " ".join(words)}
        others = [
            index.name for index in self.indexes if not (index.is_default or index.is_explicit)
        ]
        if keys.get("do") == "install" and others:
            keys["extra-indexes"] = others
        return keys

    def _index_options(self) -> Iterator[str]:
        """Yield pip options that name the project's indexes."""
        for index in self.indexes:
            if not index.is_explicit and not (index.is_default and index.url == PYPI.url):
                yield f"--{'' if index.is_default else 'extra-'}index-url={index.url}"

    @property
    def file_links(self) -> Iterator[tuple[str, str]]:
        """The index name and URL of each file that lockfiles, requirements or commands name.

        Installers request such files without reading a page on the index.
        """
        default = next(
            (other_index.name for other_index in self.indexes if other_index.is_default), ""
        )
        texts = [*self.files.values(), *_strings(self.project.tables)]
        texts += [word for step in self.commands for word in step.words]
        for index, url in (link for text in texts for link in locked_files(text)):
            names = [
                other_index.name
                for other_index in self.indexes
                if is_same_index(other_index.url, index)
            ]
            yield (names[0] if names else default), url

    @property
    def required_names(self) -> Iterator[str]:
        """The names of all projects that the project file, other files and commands require."""
        yield from named_in(self.project.tables)
        yield from named_in(
            [step.keys.get("requirements", ()) for step in self.commands], "requires"
        )
        for step in self.commands:
            yield from named_in_words(step.words)
        for path, text in self.files.items():
            yield from (
                named_in_lines(text) if path.endswith((".txt", ".in")) else locked_names(text)
            )


def _strings(value: Any) -> Iterator[str]:
    """Yield all strings in nested tables and lists."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _strings(each)
