"""The digest of what a lock is made of, by which a lock is known to be out of date."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pytest_indexcache.reference.project.project import ProjectDefinition
from pytest_indexcache.reference.words.sources import PackageSource
from pytest_indexcache.system.urls import without_credentials

_PROJECT_FILES: Final = ("pyproject.toml", "setup.cfg", "setup.py")


def digest_inputs(definition: ProjectDefinition) -> str:
    """Return a digest of everything in a project that a resolution depends on.

    Versions that the indexes have, credentials and overrides of cache headers are no part of it;
    the project files of folders that sources name are.
    """
    text = json.dumps(_inputs(definition), sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _inputs(definition: ProjectDefinition) -> dict[str, Any]:
    return {
        "name": definition.name,
        "version": str(definition.version),
        "package": definition.package,
        "requires-python": str(definition.requires_python),
        "dependencies": _texts(definition.dependencies),
        "extras": {name: _texts(it) for name, it in definition.optional_dependencies.items()},
        "groups": {name: _texts(it) for name, it in definition.dependency_groups.items()},
        "overrides": _texts(definition.overrides),
        "constraints": _texts(definition.constraints),
        "conflicts": sorted(sorted(names) for names in definition.conflicts),
        "indexes": [
            [it.name, it.public_url, it.explicit, it.default, it.flat] for it in definition.indexes
        ],
        "sources": {
            name: [_describe_source(it) for it in entries]
            for name, entries in definition.sources.items()
        },
        "folders": dict(_digest_folders(definition)),
    }


def _texts(values: tuple[object, ...]) -> list[str]:
    return [str(value) for value in values]


def _describe_source(source: PackageSource) -> list[str | bool | None]:
    return [
        source.index,
        None if source.path is None else str(source.path),
        None if source.url is None else without_credentials(source.url),
        source.editable,
        source.extra,
        source.group,
        None if source.marker is None else str(source.marker),
    ]


def _digest_folders(definition: ProjectDefinition) -> Iterator[tuple[str, str]]:
    for entries in definition.sources.values():
        for source in entries:
            if source.path is not None:
                yield str(source.path), _digest_folder(source.path)


def _digest_folder(folder: Path) -> str:
    digest = hashlib.sha256()
    for name in _PROJECT_FILES:
        try:
            data = (folder / name).read_bytes()
        except OSError:
            data = b""
        digest.update(f"{name} {len(data)}\n".encode() + data)
    return digest.hexdigest()
