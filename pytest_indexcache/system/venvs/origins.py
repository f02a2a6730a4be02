"""The origin of a distribution, and the files in a dist-info folder that record the origin."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from pytest_indexcache.system.urls import normal_url, without_credentials

ORIGIN_RECORD: Final = "indexcache_origin.json"
"""The file in a dist-info folder that records the index and the hashes of a distribution.

PEP 610 defines no such record for distributions from an index.
"""

_ENCODER: Final = json.JSONEncoder(sort_keys=True)


@dataclass(frozen=True, slots=True)
class Origin:
    """The place from which a distribution came.

    ``location`` is the URL of an index or file, or the path of a folder. If a lockfile does not
    name the index, ``location`` is empty.
    """

    kind: Literal["index", "url", "path", "editable"]
    location: str


def origin_files(
    origin: Origin, hashes: Mapping[str, str], fingerprint: str | None
) -> dict[str, bytes]:
    """Return the files that record an origin in a dist-info folder, keyed by name.

    These are ``ORIGIN_RECORD`` and, unless the origin is an index, ``direct_url.json`` (PEP 610).
    Credentials are removed from URLs.
    """
    location = without_credentials(origin.location)
    record: dict[str, Any] = {"kind": origin.kind, "location": location, "hashes": dict(hashes)}
    if fingerprint is not None:
        record["fingerprint"] = fingerprint
    files = {ORIGIN_RECORD: _json_bytes(record)}
    if origin.kind == "url":
        info: dict[str, Any] = {"hashes": dict(hashes)}
        files["direct_url.json"] = _json_bytes({"url": location, "archive_info": info})
    elif origin.kind in ("path", "editable"):
        info = {"editable": True} if origin.kind == "editable" else {}
        files["direct_url.json"] = _json_bytes({"url": file_url(location), "dir_info": info})
    return files


def _json_bytes(data: Mapping[str, Any]) -> bytes:
    return f"{_ENCODER.encode(data)}\n".encode()


def file_url(folder: str) -> str:
    """Return the file URL for a folder."""
    return Path(folder).absolute().as_uri()


def same_place(one: Origin, other: Origin) -> bool:
    """Return whether two origins are the same, apart from the spelling of their URLs.

    An index without a URL equals every other index.
    """
    if one.kind == other.kind == "index" and not (one.location and other.location):
        return True
    return one.kind == other.kind and _place(one) == _place(other)


def _place(origin: Origin) -> str:
    if origin.kind in ("path", "editable"):
        return os.path.realpath(origin.location)
    url = normal_url(origin.location)
    return url.rstrip("/") if origin.kind == "index" else url
