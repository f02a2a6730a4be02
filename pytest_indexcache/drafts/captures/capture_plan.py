"""The plan of a capture: commands, a project, its files, and the real indexes."""

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
    """The parts of a capture: steps, a project, its indexes and the other files of its folder.

    ``files`` maps paths in the project's folder to texts. ``python`` is the version of Python for
    which wheels are selected, such as ``3.12``. ``remarks`` list the parts that are left out;
    ``notes`` list the indexes that will receive requests. ``names`` maps names of indexes to their
    new names in the scenario.
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
        """Return the plan with the index names that the scenario uses."""
        indexes = tuple(replace(it, name=self.names.get(it.name, it.name)) for it in self.indexes)
        project = with_index_names(self.project, self.names)
        written = [it.tables.get("project-files", {}) for it in (self.project, project)]
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
        """Return the steps as tables; a step given as a string becomes a table with only a verb."""
        return [
            {"do": step} if isinstance(step, str) else self._with_indexes(step)
            for step in self.steps
        ]

    def _with_indexes(self, step: CapturedStep) -> dict[str, Any]:
        """Return the keys of a step; a step that installs requirements names all indexes."""
        keys = dict(step.keys)
        if "command" in keys and (step.installer == "pip" or step.words[1:2] == ("pip",)):
            words = [keys["command"][step.installer], *self._index_options()]
            keys["command"] = {step.installer: " ".join(words)}
        others = [it.name for it in self.indexes if not (it.is_default or it.is_explicit)]
        if keys.get("do") == "install" and others:
            keys["extra-indexes"] = others
        return keys

    def _index_options(self) -> Iterator[str]:
        """Yield the index options for a command that does not read the project file."""
        for index in self.indexes:
            if not index.is_explicit and not (index.is_default and index.url == PYPI.url):
                yield f"--{'' if index.is_default else 'extra-'}index-url={index.url}"

    @property
    def file_links(self) -> Iterator[tuple[str, str]]:
        """Yield the index and the URL of each file that a lockfile or another text names.

        An installer requests these files without a page that links to them.
        """
        default = next((it.name for it in self.indexes if it.is_default), "")
        texts = [*self.files.values(), *_strings(self.project.tables)]
        texts += [word for step in self.commands for word in step.words]
        for index, url in (link for text in texts for link in locked_files(text)):
            names = [it.name for it in self.indexes if is_same_index(it.url, index)]
            yield (names[0] if names else default), url

    @property
    def required_names(self) -> Iterator[str]:
        """The names of the projects that the project, its files and the steps require."""
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
    """Yield each text in tables and lists."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _strings(each)
