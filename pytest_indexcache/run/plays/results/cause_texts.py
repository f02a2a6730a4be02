"""Find directives and replace names in the texts of causes, for comparison and highlighting."""

from __future__ import annotations

import re
from typing import Final

DIRECTIVE: Final = re.compile(
    r"(?<![\w.=/-])("
    r"(?:s-maxage|max-age|stale-while-revalidate|stale-if-error)(?:=\d+)?"
    r"|no-store|no-cache|must-revalidate|proxy-revalidate|must-understand|immutable|private|public"
    r"|cache-control|last-modified|etag|expires|vary|age|content-range|accept-ranges"
    r"|if-none-match|if-modified-since|if-range"
    r"|--[a-z][a-z-]+"
    r")(?![\w-]|\.\w)",
    re.IGNORECASE,
)
"""Matches directives, header fields and command-line options in the texts of causes.

The directives and fields are defined in RFC 9111 §5.2, RFC 9110 and RFC 5861.
"""

_LIFETIMES: Final = frozenset(
    """
    max-age s-maxage expires age immutable must-revalidate proxy-revalidate
    stale-while-revalidate stale-if-error
    """.split()  # noqa: SIM905
)
_OVERRULED: Final = {
    "no-store": _LIFETIMES | {"no-cache", "private", "public"},  # RFC 9111 §5.2.2.5
    "no-cache": _LIFETIMES,  # §5.2.2.4
    "max-age": frozenset({"expires"}),  # §5.3
}
"""Maps a directive to the directives and header fields that it overrides."""


def directives(text: str) -> frozenset[str]:
    """Return the directives in text, in lower case and without values."""
    return frozenset(found.lower().partition("=")[0] for found in DIRECTIVE.findall(text))


def effective(names: frozenset[str]) -> frozenset[str]:
    """Return the given directives, except those that other given directives override."""
    stronger = names - {"no-store"} if "must-understand" in names else names
    return names.difference(*(_OVERRULED[name] for name in stronger if name in _OVERRULED))


def deciding_directives(cause: str) -> frozenset[str]:
    """Return the directives in a cause, except those that another directive in it overrides.

    The name ``cache-control`` is also omitted, because it says nothing without a directive.
    """
    return effective(directives(cause)) - {"cache-control"}


def cause_outline(cause: str, subject: str) -> str:
    """Return a cause with ``*`` in place of names, URLs and files, and ``0`` in place of numbers.

    ``subject`` is the project in the check, or empty. Causes with the same outline have the same
    mechanism.
    """
    nameless = without_names(cause, subject)
    nameless = re.sub(r"https?://\S+|[\w.+%-]+\.(?:whl|tar\.gz|zip)\b", "*", nameless)
    return re.sub(r"\d+(?:[.:,]\d+)*", "0", nameless)


def without_names(cause: str, subject: str) -> str:
    """Return a cause with ``*`` in place of a project's name and the names of its files."""
    return _names(subject).sub("*", cause)


def _names(subject: str) -> re.Pattern[str]:
    words = filter(None, re.split(r"[-_.]+", subject))
    name = "[-_.]".join(map(re.escape, words)) or r"(?!)"
    return re.compile(rf"(?<![\w.-]){name}(?:-[\w.+%-]+\.(?:whl|tar\.gz|zip)\b)?(?![\w-])")
