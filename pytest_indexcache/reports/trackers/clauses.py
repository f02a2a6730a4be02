"""The RFC clauses about header fields that control how caches reuse responses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

_DIRECTIVES: Final[Mapping[str, tuple[str, str]]] = {
    "no-store": (
        "RFC 9111 §5.2.2.5",
        "no cache may store any part of the response or of its request",
    ),
    "no-cache": (
        "RFC 9111 §5.2.2.4",
        "the response may be stored, and must be revalidated before each reuse",
    ),
    "must-revalidate": (
        "RFC 9111 §5.2.2.2",
        "a stale response must not be reused without revalidation",
    ),
    "max-age": (
        "RFC 9111 §5.2.2.1",
        "the response is fresh until its age reaches this number of seconds",
    ),
    "s-maxage": ("RFC 9111 §5.2.2.10", "like max-age, but only for shared caches"),
    "private": ("RFC 9111 §5.2.2.7", "a shared cache must not store it; an installer's cache may"),
    "public": (
        "RFC 9111 §5.2.2.9",
        "a cache may store the response even if that is otherwise forbidden",
    ),
    "proxy-revalidate": ("RFC 9111 §5.2.2.8", "like must-revalidate, but only for shared caches"),
    "must-understand": (
        "RFC 9111 §5.2.2.3",
        "only a cache that implements the rules of the status code may store it",
    ),
    "immutable": ("RFC 8246 §2", "while it is fresh, the response need not be revalidated"),
    "stale-while-revalidate": (
        "RFC 5861 §3",
        "for this number of seconds, a stale response may be reused while it is revalidated",
    ),
    "stale-if-error": (
        "RFC 5861 §4",
        "for this number of seconds, a stale response may be reused if the index fails",
    ),
}
_FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "etag": ("RFC 9110 §8.8.3", "a validator: with If-None-Match an index can answer 304"),
    "last-modified": (
        "RFC 9110 §8.8.2",
        "a validator: with If-Modified-Since an index can answer 304; without an explicit "
        "lifetime, a cache may guess one from it (RFC 9111 §4.2.2)",
    ),
    "expires": ("RFC 9111 §5.3", "the response is stale after this date; max-age takes precedence"),
    "vary": (
        "RFC 9111 §4.1",
        "the response may be reused only for requests with the same values of these fields",
    ),
    "age": (
        "RFC 9111 §5.1",
        "the number of seconds since the index sent the response to a cache in between",
    ),
    "pragma": ("RFC 9111 §5.4", "deprecated: caches need not obey it in a response"),
    "accept-ranges": ("RFC 9110 §14.3", "whether ranges of the file can be requested"),
}
NAMES: Final = ("cache-control", *_FIELDS)
"""The names of the header fields that have clauses, in lower case."""


def clauses_of(name: str, value: str) -> Iterator[tuple[str, str, str]]:
    """Yield a name, an RFC clause and the clause's meaning, for each clause about a header field.

    The name is the name of the field. For Cache-Control, there is one clause for each directive,
    with the directive as the name. Unknown fields and directives are left out.
    """
    if name != "cache-control":
        if name in _FIELDS:
            yield name, *_FIELDS[name]
        return
    for part in value.lower().split(","):
        directive = part.strip().partition("=")[0]
        if directive in _DIRECTIVES:
            yield directive, *_DIRECTIVES[directive]
