"""Write keys, values and comments as TOML, with all text escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import tomlkit

from pytest_indexcache.printable import printable

_LONGEST_COMMENT = 300


def toml_key(*parts: str) -> str:
    """Return a dotted key, with quotation marks where they are needed."""
    return tomlkit.key(list(parts)).as_string()


def toml_value(value: object) -> str:
    """Return a value as TOML on one line; tables become inline tables."""
    if isinstance(value, Mapping):
        pairs = ", ".join(
            f"{toml_key(str(key))} = {toml_value(each)}" for key, each in value.items()
        )
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(toml_value(each) for each in value)}]"
    item: Any = tomlkit.item(value)
    return str(item.as_string())


def toml_line(key: str, value: object) -> str:
    """Return a key with its value; if an array is too long, each element gets its own line."""
    line = f"{toml_key(key)} = {toml_value(value)}"
    is_array = isinstance(value, Sequence) and not isinstance(value, str)
    if len(line) <= 100 or not isinstance(value, Sequence) or not is_array:
        return line
    elements = "".join(f"    {toml_value(each)},\n" for each in value)
    return f"{toml_key(key)} = [\n{elements}]"


def comment(text: str) -> str:
    """Return the text as a comment on one line, limited to 300 characters."""
    return f"# {printable(text, _LONGEST_COMMENT)}"
