"""A cache folder and fake indexes, with all parts of the reference that resolve requirements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from packaging.requirements import Requirement

from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.index.inprocess import mount
from pytest_indexcache.index.wire.gateway import serve
from pytest_indexcache.messages import Exchange
from pytest_indexcache.reference.fetch.download import Downloads
from pytest_indexcache.reference.http_cache.origin import HttpxOrigin
from pytest_indexcache.reference.index.client import IndexClient
from pytest_indexcache.reference.index.finder import Finder
from pytest_indexcache.reference.index.index_pages import IndexPages
from pytest_indexcache.reference.index.index_records import IndexRecords
from pytest_indexcache.reference.lock.lockfile import Lockfile
from pytest_indexcache.reference.lock.project_resolver import resolve_project
from pytest_indexcache.reference.project.project import load_project
from pytest_indexcache.reference.resolve.metadata import MetadataReader
from pytest_indexcache.reference.resolve.needs import Rules
from pytest_indexcache.reference.resolve.resolver import resolve_requirements
from pytest_indexcache.reference.store.run_folder import RunFolder
from pytest_indexcache.reference.store.wheel_store import WheelStore
from pytest_indexcache.reference.words.packages import IndexLocation
from pytest_indexcache.scenario.tables.indexes import Index
from pytest_indexcache.system.pythons.target import Target

NOW = 1_760_000_000.0


@dataclass
class Installation:
    """A cache folder; each call is a separate run, like a new process.

    ``exchanges`` is the ledger of the last run.
    """

    folder: Path
    reach: dict[str, Any]
    fakes: FakeIndexes
    exchanges: list[Exchange]
    offline: bool = False
    seconds: float = 0.0
    target: Target = field(default_factory=Target.running)

    def install(self, *requirements: str, indexes: tuple[IndexLocation, ...]) -> dict[str, str]:
        """Resolve a command line; return versions by name."""
        with self._run(indexes) as (finder, metadata):
            rules = Rules(self.target.markers)
            pins = resolve_requirements(
                map(Requirement, requirements), finder, metadata, rules, most_requests=4
            )
        return {pin.name: str(pin.version) for pin in pins}

    def lock(self, project: str) -> Lockfile:
        """Resolve a project file."""
        (self.folder / "pyproject.toml").write_text(project)
        definition = load_project(self.folder)
        with self._run(definition.indexes) as (finder, metadata):
            return resolve_project(definition, finder, metadata, most_requests=4)

    @property
    def counts(self) -> Counter[str]:
        """Return the number of exchanges of each kind in the last run."""
        return Counter(str(exchange.subject.kind) for exchange in self.exchanges)

    @contextmanager
    def _run(self, indexes: tuple[IndexLocation, ...]) -> Iterator[tuple[Finder, MetadataReader]]:
        self.exchanges.clear()
        cache = self.folder / "cache"
        store, records = WheelStore(cache / "wheels"), IndexRecords(cache / "wheels")
        origin = HttpxOrigin(trust_env=False, **self.reach)
        client = IndexClient(
            cache / "http",
            origin,
            clock=lambda: NOW + self.seconds,
            offline=self.offline,
            sleep=lambda _: None,
        )
        runs = RunFolder(cache / "runs")
        with (
            closing(origin),
            Downloads(client, store, runs, journal=lambda _: None, say=lambda _: None) as downloads,
        ):
            yield (
                Finder(IndexPages(client, records), indexes, self.target),
                MetadataReader(client, records, fetch=downloads.fetch, build=refuse),
            )


def refuse(source: Path) -> Path:
    """Refuse to build."""
    raise AssertionError(f"a build of {source} was asked for")


@contextmanager
def installing(
    folder: Path, carrier: str, indexes: Mapping[str, Mapping[str, Any]]
) -> Iterator[Installation]:
    """Set up fake indexes, given as tables of a scenario, behind one of the two transports."""
    fakes = FakeIndexes({name: Index.model_validate(index) for name, index in indexes.items()})
    exchanges: list[Exchange] = []
    made = {"record": exchanges.append, "clock": lambda: NOW}
    if carrier == "inprocess":
        transport: httpx.BaseTransport = mount(fakes, **made)  # type: ignore[arg-type]
        yield Installation(folder, {"transport": transport}, fakes, exchanges)
        return
    with serve(fakes, **made) as gateway:  # type: ignore[arg-type]
        reach = {"proxy": gateway.proxy_url, "ca_bundle": gateway.ca_file}
        yield Installation(folder, reach, fakes, exchanges)


def downloads(exchanges: list[Exchange]) -> list[str]:
    """Return the names of the files that were sent whole."""
    return sorted(str(it.subject.filename) for it in exchanges if it.is_download)


__all__ = ["NOW", "Installation", "downloads", "installing"]
