"""Sort releases, and format ranges of releases as text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, TypeVar

from packaging.version import InvalidVersion, Version

T = TypeVar("T")


def in_order(releases: Iterable[str]) -> list[str]:
    """Return the distinct releases, oldest first; invalid versions (PEP 440) come last."""
    return sorted(set(releases), key=_key)


def newest_first(releases: Iterable[str]) -> list[str]:
    """Return the distinct releases, newest first; invalid versions (PEP 440) come last."""
    ordered = in_order(releases)
    others = [release for release in ordered if _key(release)[0]]
    return [release for release in reversed(ordered) if release not in others] + others


def _key(release: str) -> tuple[bool, Version, str]:
    try:
        return False, Version(release), release
    except InvalidVersion:
        return True, Version("0"), release


def ranges(items: Sequence[T], shared: Callable[[T], Any]) -> Iterator[list[T]]:
    """Yield groups of consecutive items for which ``shared`` returns the same value."""
    for _, run in groupby(items, key=shared):
        yield list(run)


def range_text(releases: Sequence[str]) -> str:
    """Return the first and last release, such as ``0.8.0 - 0.8.17``.

    If both are the same, the text is this release alone, such as ``0.8.11``.
    """
    first, last = releases[0], releases[-1]
    return first if first == last else f"{first} - {last}"


def range_of(installer: str, releases: Sequence[str]) -> str:
    """Return an installer with a range of releases, such as ``uv 0.8.0 - 0.8.17``.

    If the release is unknown, ``releases`` contains only the spec. In this case, only ``installer``
    is returned.
    """
    span = span_of(installer, releases)
    return f"{installer} {span}" if span else installer


def span_of(installer: str, releases: Sequence[str]) -> str:
    """Return a range of releases as text.

    If the release is unknown, ``releases`` contains only the spec. In this case, the text is empty.
    """
    return "" if [*releases] == [installer.partition(" ")[0]] else range_text(releases)
