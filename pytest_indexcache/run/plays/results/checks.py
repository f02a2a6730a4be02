"""Checks, each of which compares an expectation with an observed value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class CheckKind(StrEnum):
    """The kind of a check, which is part of the check's key."""

    EXIT = "exit"
    SATISFIED = "satisfied"
    DOWNLOADS = "downloads"
    REVALIDATED = "revalidated"
    REQUESTS = "requests"
    REQUESTS_TO = "requests-to"
    PAST_EDGE = "past-edge"
    BYTES = "bytes"
    FIELDS = "fields"
    NOMINAL = "nominal"
    CACHED = "cached"
    CACHE_BYTES = "cache-bytes"
    INSTALLED = "installed"
    INSTALLED_COUNT = "installed-count"
    ABSENT = "absent"
    ADDED = "added"
    REMOVED = "removed"
    REINSTALLED = "reinstalled"
    VENV_FILES = "venv-files"
    ORIGIN = "origin"
    EDITABLE = "editable"
    BUILDS_OF = "builds-of"
    LOCKED = "locked"
    LOCKFILE = "lockfile"
    BUILDS = "builds"
    IMPORTS = "imports"
    CHECK = "check"
    OUTPUT = "output"


@dataclass(frozen=True)
class Check:
    """The comparison of an expectation with the observed value.

    ``held`` is true if the expectation was met. If it was not, ``causes`` explains why. ``member``
    names the simultaneous step to which the check belongs, such as ``together[1]``, or is empty.
    Depending on the kind of check, ``subject`` is a project, a pattern, a kind of request, an
    imported name, or a string in the output. ``index`` is the index that the expectation names.
    Depending on the kind of check, ``field`` is a key of a lockfile entry, a key of ``output``, a
    header field, or the project or pattern of a cache entry. ``excess`` is true if a failed count
    is too high, false if it is too low, and None for all other checks.
    """

    kind: CheckKind
    expected: str
    seen: str
    held: bool
    subject: str = ""
    index: str | None = None
    field: str = ""
    excess: bool | None = None
    causes: tuple[str, ...] = ()
    member: str = ""

    @property
    def key(self) -> str:
        """The name of the check in reports, such as ``requests-to.pypi.page``."""
        subject = "" if self.kind is CheckKind.OUTPUT else self.subject
        parts = (self.member, self.kind, self.index, subject, self.field)
        return ".".join(str(part) for part in parts if part)

    def to_json(self) -> dict[str, Any]:
        """Return the check as JSON data, with its key."""
        return {
            "key": self.key,
            **vars(self),
            "kind": str(self.kind),
            "causes": list(self.causes),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Check:
        """Create a check from the JSON data that :meth:`to_json` returns."""
        own = {name: value for name, value in data.items() if name != "key"}
        return cls(
            **{**own, "kind": CheckKind(data["kind"]), "causes": tuple(data["causes"])},
        )
