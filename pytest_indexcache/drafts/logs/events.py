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
    "storable",
    "unstorable",
    "lifetime",
    "link",
    "wanted",
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
]
"""``kept`` means already installed; ``resolving`` names the release whose requirements follow;
``count`` is the number in a summary such as "Resolved 52 packages".
"""


@dataclass(frozen=True)
class LogEvent:
    """One fact in a log.

    ``project`` is normalised, ``version`` is unchanged, ``url`` has no user, password or fragment.
    ``detail`` depends on the kind: a filename, a size, a requirement, a command line, a status, a
    directive, a lifetime in seconds.
    """

    kind: Kind
    project: str = ""
    version: str = ""
    url: str = ""
    detail: str = ""
