"""The addresses (URLs) of all pages and files on the indexes in a scenario."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.messages import Kind
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.steps import IndexStep


@dataclass(frozen=True)
class Address:
    """The address of a page or file on an index.

    ``step`` is the number of the step that adds it, or 0 if it exists initially.
    """

    step: int
    index: str
    kind: Kind
    url: str


def addresses(scenario: Scenario) -> Iterator[Address]:
    """Yield the addresses of the initial pages and files, and then of those that each step adds.

    :raises FakeIndexError: if an index or a change is impossible
    """
    indexes = FakeIndexes(scenario.indexes)
    known: set[str] = set()
    for number, step in enumerate((None, *scenario.steps)):
        if isinstance(step, IndexStep):
            indexes.apply(step)
        elif step is not None:
            continue
        for name in scenario.indexes:
            for kind, url in indexes[name].offer.urls():
                if url not in known:
                    known.add(url)
                    yield Address(number, name, kind, url)
