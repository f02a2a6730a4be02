"""Values of TOML files from users, which may have any type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def table_of(value: object) -> Mapping[str, Any]:
    """Return a value that is a table; an empty table for any other value."""
    return value if isinstance(value, dict) else {}


def list_of(value: object) -> list[Any]:
    """Return a value that is an array; an empty list for any other value."""
    return value if isinstance(value, list) else []
