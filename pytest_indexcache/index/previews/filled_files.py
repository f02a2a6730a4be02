"""Fill in placeholders in verbatim files with URLs, hashes and sizes of files on the indexes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pytest_indexcache.errors import FakeIndexError
from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.index.offers.published import PublishedFile
from pytest_indexcache.scenario.checks.safety.given_files import (
    check_filled_lengths,
    given_files,
)
from pytest_indexcache.scenario.findings.finding import Finding
from pytest_indexcache.scenario.findings.positions import Path
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.steps import Edit, IndexStep
from pytest_indexcache.scenario.values.placeholders import names_in, with_filled
from pytest_indexcache.scenario.words.wording import shown

Files = Mapping[str, PublishedFile]
"""The files on all indexes at one point in time, keyed by filename."""


def filled(scenario: Scenario) -> Scenario:
    """Return the scenario after filling in the placeholders in its verbatim files.

    A placeholder contains the name of a file on an index. It is replaced by the hash, size or URL
    that this file has when the verbatim file is written. If no index has the file at that time, the
    first version that any index will have is used. If the indexes cannot be built, the scenario is
    returned unchanged.
    """
    if not any(_named(scenario)):
        return scenario
    try:
        moments = list(_moments(scenario))
    except FakeIndexError:
        return scenario
    ever = _ever(moments)
    steps = tuple(
        step.model_copy(update=_texts(step, ever | dict(files))) if isinstance(step, Edit) else step
        for step, files in zip(scenario.steps, moments[1:-1], strict=True)
    )
    return scenario.model_copy(update={**_texts(scenario, ever | dict(moments[0])), "steps": steps})


def check_placeholders(scenario: Scenario) -> Iterator[Finding]:
    """Yield a finding for each placeholder whose file is ambiguous or is not on any index."""
    named = list(_named(scenario))
    if not named:
        return
    try:
        moments = list(_moments(scenario))
        known = _ever(moments)
        doubtful = _of_several(scenario)
    except FakeIndexError:
        return  # Impossible indexes are reported by another check.
    lengths = {name: len(_value("url", file)) for files in moments for name, file in files.items()}
    yield from check_filled_lengths(scenario, lambda name: lengths.get(name, 0))
    for path, name in named:
        if name not in known:
            text = f"no index has a file {shown(name)} at any time"
            yield Finding(path, text, "indexcache check --urls lists the files of all indexes")
        elif name in doubtful:
            text = f"several indexes have a file {shown(name)}, each with other bytes"
            yield Finding(path, text, "give both releases the same contents and the same build")


def _of_several(scenario: Scenario) -> set[str]:
    """Return the filenames for which different indexes initially have different contents."""
    indexes = FakeIndexes(scenario.indexes)
    first: dict[str, PublishedFile] = {}
    files = [file for name in scenario.indexes for file in indexes[name].files.values()]
    return {
        file.filename
        for file in files
        if repr(first.setdefault(file.filename, file).spec) != repr(file.spec)
    }


def _named(scenario: Scenario) -> Iterator[tuple[Path, str]]:
    """Yield the filename in each placeholder, with the key path of the text that contains it."""
    for file in given_files(scenario):
        yield from ((file.key, name) for name in names_in(file.text))


def _moments(scenario: Scenario) -> Iterator[Files]:
    """Yield the files that are on the indexes initially, before each step, and at the end."""
    indexes = FakeIndexes(scenario.indexes)

    def files() -> Files:
        offers = [indexes[name].files.values() for name in scenario.indexes]
        return {file.filename: file for offer in offers for file in offer}

    yield files()
    for step in scenario.steps:
        yield files()
        if isinstance(step, IndexStep):
            indexes.apply(step)
    yield files()


def _ever(moments: list[Files]) -> dict[str, PublishedFile]:
    """Return the first version of every file that is on an index at any point in time."""
    return {name: file for files in reversed(moments) for name, file in files.items()}


def _texts(holder: Scenario | Edit, files: Files) -> dict[str, Any]:
    def fill(kind: str, name: str) -> str | None:
        file = files.get(name)
        return None if file is None else _value(kind, file)

    return {
        key: {path: with_filled(text, fill) for path, text in getattr(holder, key).items()}
        for key in ("files", "project_files")
    }


def _value(kind: str, file: PublishedFile) -> str:
    if kind == "url":
        return file.url + file.suffix.query
    content = file.distribution.content
    if kind == "size":
        return str(content.length)
    digests = file.distribution.digests
    return digests.md5 if kind == "md5" else digests.sha256
