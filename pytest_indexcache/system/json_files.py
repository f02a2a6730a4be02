"""Read and write small JSON files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_indexcache.data_formats import loads_json
from pytest_indexcache.system.atomic_files import write_atomically


def read_json(path: str | Path) -> dict[str, Any]:
    """Return the content of a JSON file, or an empty dict if it does not exist or is damaged."""
    try:
        with open(path, "rb", buffering=0) as file:
            data = loads_json(file.read())
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def write_json(path: str | Path, data: Mapping[str, Any]) -> None:
    """Write a JSON file, and replace any existing file atomically."""
    write_atomically(path, json.dumps(data).encode())
