"""Compute a digest of everything that a lock depends on, to show whether the lock is current."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace

from pytest_indexcache.reference.project.fingerprint import fingerprint
from pytest_indexcache.reference.project.project import ProjectDefinition
from pytest_indexcache.reference.words.packages import IndexLocation
from pytest_indexcache.reference.words.sources import PackageSource
from pytest_indexcache.system.urls import without_credentials
from pytest_indexcache.system.venvs.origins import Origin


def digest_inputs(definition: ProjectDefinition, *, as_written: bool = False) -> str:
    """Return a digest of everything in a project that affects its resolution.

    It includes the project files in folders that are sources. It does not include the versions on
    the indexes, credentials, or overrides of Cache-Control. With ``as_written``, it also includes
    the passwords and trailing slashes in index URLs.
    """
    inputs = asdict(
        replace(
            definition,
            indexes=tuple(_public_index(index, as_written) for index in definition.indexes),
            sources={
                name: tuple(map(_public_source, entries))
                for name, entries in definition.sources.items()
            },
        )
    )
    del inputs["folder"]
    inputs["folders"] = [
        fingerprint(Origin("editable", str(source.path)))
        for entries in definition.sources.values()
        for source in entries
        if source.path is not None
    ]
    text = json.dumps(inputs, sort_keys=True, default=_written)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _public_index(index: IndexLocation, as_written: bool) -> IndexLocation:
    url = index.url if as_written else index.public_url
    return replace(index, url=url, pages_override=None, files_override=None)


def _public_source(source: PackageSource) -> PackageSource:
    return source if source.url is None else replace(source, url=without_credentials(source.url))


def _written(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else str(value)
