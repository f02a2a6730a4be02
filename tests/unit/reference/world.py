"""All parts of a resolution, with indexes in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from pytest_indexcache.reference.index.finder import Finder, Strategy
from pytest_indexcache.reference.index.index_pages import IndexPages
from pytest_indexcache.reference.lock.lockfile import Lockfile
from pytest_indexcache.reference.lock.project_resolver import resolve_project
from pytest_indexcache.reference.project.project import ProjectDefinition, load_project
from pytest_indexcache.reference.resolve.metadata import MetadataReader
from pytest_indexcache.reference.resolve.needs import (
    Rules,
    group_requirements,
    merge_constraints,
)
from pytest_indexcache.reference.resolve.resolver import resolve_requirements
from pytest_indexcache.reference.words.behaviour import CORRECT, Behaviour
from pytest_indexcache.reference.words.packages import IndexLocation, Pin
from pytest_indexcache.reference.words.selection import NOTHING, Selection
from pytest_indexcache.system.pythons.target import Target

from .in_memory_indexes import PYPI, InMemoryIndexes
from .in_memory_records import InMemoryRecords

TARGET = Target(
    markers={
        "implementation_name": "cpython",
        "implementation_version": "3.12.4",
        "os_name": "posix",
        "platform_machine": "x86_64",
        "platform_python_implementation": "CPython",
        "platform_release": "6.1",
        "platform_system": "Linux",
        "platform_version": "1",
        "python_full_version": "3.12.4",
        "python_version": "3.12",
        "sys_platform": "linux",
    },
    tags=(
        "cp312-cp312-manylinux_2_28_x86_64",
        "cp312-cp312-manylinux_2_17_x86_64",
        "cp312-abi3-manylinux_2_17_x86_64",
        "cp312-none-any",
        "py3-none-any",
    ),
)


class World:
    """A target with indexes and records, for which requirements and projects are resolved."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.client = InMemoryIndexes(folder)
        self.records = InMemoryRecords()
        self.target = TARGET
        self.default = IndexLocation("default", PYPI, default=True)

    def finder(
        self,
        indexes: Sequence[IndexLocation] = (),
        *,
        strategy: Strategy = "first-index",
        behaviour: Behaviour = CORRECT,
        no_binary: Selection = NOTHING,
        only_binary: Selection = NOTHING,
        uploaded_before: float | None = None,
    ) -> Finder:
        """Make a new finder."""
        pages = IndexPages(self.client, self.records, behaviour=behaviour)
        return Finder(
            pages,
            indexes or [self.default],
            self.target,
            strategy=strategy,
            no_binary=no_binary,
            only_binary=only_binary,
            uploaded_before=uploaded_before,
        )

    def metadata(
        self, behaviour: Behaviour = CORRECT, *, refresh: Selection = NOTHING
    ) -> MetadataReader:
        """Make a new metadata reader."""
        client = self.client
        return MetadataReader(
            client,
            self.records,
            fetch=client.fetch,
            build=client.build,
            refresh=refresh,
            behaviour=behaviour,
        )

    def install(
        self,
        *requirements: str,
        indexes: Sequence[IndexLocation] = (),
        overrides: Iterable[str] = (),
        constraints: Iterable[str] = (),
        behaviour: Behaviour = CORRECT,
        **options: Any,
    ) -> dict[str, str]:
        """Resolve the requirements of a command line; return versions by name."""
        pins = resolve_requirements(
            map(Requirement, requirements),
            self.finder(indexes, behaviour=behaviour),
            self.metadata(),
            Rules(
                environment=self.target.markers,
                overrides=group_requirements(map(Requirement, overrides)),
                constraints=merge_constraints(map(Requirement, constraints), self.target.markers),
                **options,
            ),
            most_requests=4,
        )
        return pinned(pins)

    def project(self, text: str) -> ProjectDefinition:
        """Write a project file and read it."""
        (self.folder / "pyproject.toml").write_text(text)
        return load_project(self.folder)

    def lock(self, definition: ProjectDefinition, **options: Any) -> Lockfile:
        """Resolve a project into a lock."""
        return resolve_project(
            definition,
            self.finder(definition.indexes),
            self.metadata(),
            most_requests=4,
            **options,
        )

    def select(self, lock: Lockfile, *extras: str, groups: Iterable[str] = ()) -> dict[str, str]:
        """Return the locked versions by project name for the given extras and groups."""
        return pinned(lock.select(extras, groups, target=self.target, indexes=[self.default]))


def pinned(pins: Iterable[Pin]) -> dict[str, str]:
    """Return the versions of pins by name."""
    return {pin.name: str(pin.version) for pin in pins}
