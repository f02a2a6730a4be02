"""Placeholders in verbatim files for the hashes, sizes and URLs of files on an index.

``${sha256:six-1.17.0-py3-none-any.whl}`` stands for the sha256 of this file, ``${md5:…}`` for its
md5, ``${size:…}`` for its length in bytes, and ``${url:…}`` for its URL. This makes it possible for
a scenario to contain a complete lockfile.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

KINDS: Final = ("sha256", "md5", "size", "url")

_PLACEHOLDER: Final = re.compile(
    rf"\$\{{({'|'.join(KINDS)}):([A-Za-z0-9][A-Za-z0-9._+!-]*)\}}", re.ASCII
)

Fill = Callable[[str, str], str | None]
"""A function that returns the value for a placeholder, or None if no index has the file."""


def with_filled(text: str, fill: Fill) -> str:
    """Return the text with its placeholders filled in, except those for unknown files."""
    return _PLACEHOLDER.sub(lambda match: fill(match[1], match[2]) or match[0], text)


def filled_length(text: str, url_length: Callable[[str], int]) -> int:
    """Return the maximum length of a string after its placeholders have been filled in.

    ``url_length`` takes a filename and returns the length of that file's URL in characters.
    """
    lengths = {"sha256": 64, "md5": 32, "size": 20}
    return len(text) + sum(
        (lengths.get(match[1]) or url_length(match[2])) - len(match[0])
        for match in _PLACEHOLDER.finditer(text)
    )


def sample_url(url: str, name: str) -> str:
    """Return a made-up URL for a file on an index, for checks before the real URL is known."""
    return f"{url.rstrip('/')}/{name}"


def with_samples(text: str, url: str) -> str:
    """Fill in the placeholders in text with sample values, such as hashes made of zeros."""
    samples = {"sha256": "0" * 64, "md5": "0" * 32, "size": "0"}
    return with_filled(text, lambda kind, name: samples.get(kind, sample_url(url, name)))


def names_in(text: str) -> Iterator[str]:
    """Yield the filenames that occur in the placeholders of a string."""
    yield from (match[2] for match in _PLACEHOLDER.finditer(text))
