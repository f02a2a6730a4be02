"""The facts that a line of a log can contain."""

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
"""The kind of a fact.

``kept`` means already installed. ``resolving`` names a release whose requirements follow.
``sought`` is a requirement for which a version is searched, ``offered`` a version on an index.
``asked`` is the URL of a requested page. ``field`` is about header fields. ``said`` is an error or
a warning. ``hidden`` is a redacted name. ``count`` is a number as in "Resolved 52 packages".
``local`` is a project from a folder or a version control repository.
"""


@dataclass(frozen=True)
class LogEvent:
    """One fact in a log.

    ``project`` is normalised. ``url`` contains no user name, password or fragment. ``detail``
    depends on the kind: a filename, a size, a requirement, a command line, a status, a directive,
    seconds, or the role of an index. ``has_query`` is true if a redirect leads to a URL with a
    query.
    """

    kind: Kind
    project: str = ""
    version: str = ""
    url: str = ""
    detail: str = ""
    has_query: bool = False
