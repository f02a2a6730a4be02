"""Placeholders in files word for word: what a file of an index has, by the file's name.

``${sha256:six-1.17.0-py3-none-any.whl}`` is its hash, ``${size:…}`` its length in bytes, and
``${url:…}`` its URL, so that a whole lockfile can stand in a scenario.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

KINDS: Final = ("sha256", "size", "url")

MOST_PLACEHOLDERS: Final = 10_000
"""How many placeholders a text may have: a URL may be much longer than what stands for it."""

_PLACEHOLDER: Final = re.compile(
    rf"\$\{{({'|'.join(KINDS)}):([A-Za-z0-9][A-Za-z0-9._+!-]*)\}}", re.ASCII
)

Fill = Callable[[str, str], str | None]
"""Returns what stands for a kind and the name of a file, None where there is no such file."""


def with_filled(text: str, fill: Fill) -> str:
    """Return a text with its placeholders filled in; those of files that are not there stay."""
    return _PLACEHOLDER.sub(lambda match: fill(match[1], match[2]) or match[0], text)


def too_many(text: str) -> bool:
    """Return whether a text has more placeholders than a file of a scenario should."""
    return sum(1 for _ in names_in(text)) > MOST_PLACEHOLDERS


def with_samples(text: str, url: str) -> str:
    """Return a text as it could be in a play: hashes of zeros, and URLs below that of an index."""
    samples = {"sha256": "0" * 64, "size": "0"}
    return with_filled(text, lambda kind, name: samples.get(kind, f"{url.rstrip('/')}/{name}"))


def names_in(text: str) -> Iterator[str]:
    """Yield the names of files that the placeholders of a text have."""
    yield from (match[2] for match in _PLACEHOLDER.finditer(text))
