"""Parse JSON and TOML; invalid input always raises ValueError.

The standard library raises RecursionError for deeply nested input. ``tomllib`` takes quadratic time
for dotted keys with many parts.
"""

from __future__ import annotations

import re
from typing import Any, Final

DEEPEST_KEY: Final = 64
"""The maximum number of parts in a dotted TOML key."""

_PART = r"""(?:[\w-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""
_LONG_KEY = re.compile(rf"""(?<![\w."'-])(?:{_PART}[ \t]*+\.[ \t]*+){{{DEEPEST_KEY}}}""")
_TOO_DEEP: Final = "arrays or tables are nested too deeply"


def loads_json(text: str | bytes) -> Any:
    """Parse JSON.

    :raises ValueError: if the text is invalid, not in a Unicode encoding, or nested too deeply
    """
    import json

    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None


def loads_toml(text: str) -> dict[str, Any]:
    """Parse TOML.

    :raises ValueError: if the text is invalid or nested too deeply, or if a key has more than
        ``DEEPEST_KEY`` parts
    """
    import tomllib

    if find_long_key(text) is not None:
        raise ValueError(f"a dotted key has more than {DEEPEST_KEY} parts")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None


def find_long_key(text: str) -> int | None:
    """Return the position of a dotted key with more than ``DEEPEST_KEY`` parts, or None."""
    found = _LONG_KEY.search(text)
    return found.start() if found else None
