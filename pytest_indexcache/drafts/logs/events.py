"""The facts in lines of an installer's log, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal[
    "installer",
    "command",
    "index",
    "absent",
    "fresh",
    "stale",
    "modified",
    "not-modified",
    "answered",
    "redirected",
    "connected",
    "asked",
    "field",
    "no-ranges",
    "storable",
    "unstorable",
    "lifetime",
    "link",
    "offered",
    "wanted",
    "sought",
    "requires",
    "resolving",
    "selected",
    "uncached",
    "cached",
    "kept",
    "download",
    "added",
    "removed",
    "count",
    "said",
    "hidden",
    "local",
]
"""The kind of a fact, such as ``installer``, ``command`` or ``index``.

``kept`` means already installed; ``resolving`` names the release whose requirements follow;
``sought`` is the requirement for which a version is searched, ``offered`` a version that an index
has; ``asked`` is the URL of a page; ``field`` is a fact about header fields of a response; ``said``
is an error or a warning; ``hidden`` is a name that the reporter removed; ``count`` is the number in
a summary such as "Resolved 52 packages"; ``local`` is a project from a folder or a repository
instead of an index.
"""


@dataclass(frozen=True)
class LogEvent:
    """One fact in a log.

    ``project`` is normalised, ``version`` is unchanged, ``url`` contains no user, password or
    fragment. ``detail`` depends on the kind: a filename, a size, a requirement, a command line, a
    status, a directive, a lifetime in seconds, the role of an index (``default``, ``extra``,
    ``links``). ``has_query`` is true for a redirect to a URL with a query, such as a signed URL.
    """

    kind: Kind
    project: str = ""
    version: str = ""
    url: str = ""
    detail: str = ""
    has_query: bool = False
