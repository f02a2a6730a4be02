"""Placeholders in files word for word: what a file of an index has, by the file's name.

``${sha256:six-1.17.0-py3-none-any.whl}`` is its hash, ``${md5:…}`` a weaker one, ``${size:…}`` its
length in bytes, and ``${url:…}`` its URL, so that a whole lockfile can stand in a scenario.
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
"""Returns what stands for a kind and the name of a file, None where there is no such file."""


def with_filled(text: str, fill: Fill) -> str:
    """Return a text with its placeholders filled in; those of files that are not there stay."""
    return _PLACEHOLDER.sub(lambda match: fill(match[1], match[2]) or match[0], text)


def filled_length(text: str, url_length: Callable[[str], int]) -> int:
    """Return how many characters a text has with its placeholders filled in, or some more.

    ``url_length`` returns those of the URL of a file, by its name.
    """
    lengths = {"sha256": 64, "md5": 32, "size": 20}
    return len(text) + sum(
        (lengths.get(match[1]) or url_length(match[2])) - len(match[0])
        for match in _PLACEHOLDER.finditer(text)
    )


def sample_url(url: str, name: str) -> str:
    """Return the URL that a file could have below that of an index."""
    return f"{url.rstrip('/')}/{name}"


def with_samples(text: str, url: str) -> str:
    """Return a text as it could be in a play: hashes of zeros, and URLs below that of an index."""
    samples = {"sha256": "0" * 64, "md5": "0" * 32, "size": "0"}
    return with_filled(text, lambda kind, name: samples.get(kind, sample_url(url, name)))


def names_in(text: str) -> Iterator[str]:
    """Yield the names of files that the placeholders of a text have."""
    yield from (match[2] for match in _PLACEHOLDER.finditer(text))
