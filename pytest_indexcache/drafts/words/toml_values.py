"""Read values of unknown type from users' TOML files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def table_of(value: object) -> Mapping[str, Any]:
    """Return a value if it is a table, and an empty table otherwise."""
    return value if isinstance(value, dict) else {}


def list_of(value: object) -> list[Any]:
    """Return a value if it is an array, and an empty list otherwise."""
    return value if isinstance(value, list) else []
