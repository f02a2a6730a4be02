"""Read values of unknown type from users' TOML files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def table_of(value: object) -> Mapping[str, Any]:
    """Return a value if it is a table, or else an empty table."""
    return value if isinstance(value, dict) else {}


def list_of(value: object) -> list[Any]:
    """Return a value if it is an array, or else an empty list."""
    return value if isinstance(value, list) else []
