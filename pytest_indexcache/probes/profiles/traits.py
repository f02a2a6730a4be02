"""The traits of a server profile on which the behaviour of caches and installers depends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal

from pytest_indexcache.servers import Answers, FieldValue, Group, ServerProfile

Lifetime = Literal["forbidden", "stale at once", "fresh", "guessed", "unknown"]
"""Whether a response can be reused without revalidation (RFC 9111 §4.2).

``guessed`` means that the response does not define a lifetime, but has a Last-Modified field from
which a cache can calculate a heuristic lifetime (§4.2.2).
"""

TRAITS: Final = ("pages", "files", "metadata", "ranges", "head")


def traits_of(profile: ServerProfile) -> Mapping[str, object]:
    """Return the traits of a profile; servers that answer in a similar way have the same traits."""
    answers = Answers.model_validate(profile.index.get("answers", {}))
    metadata, ranges = profile.index.get("metadata", True), profile.index.get("ranges", True)
    return {
        "pages": _reuse(profile, "pages"),
        "files": _reuse(profile, "files"),
        "metadata": metadata,
        "ranges": (metadata, ranges, ranges and answers.suffix_ranges),
        "head": (metadata, ranges, profile.index.get("head", True)),
    }


def _reuse(profile: ServerProfile, group: Group) -> tuple[str, tuple[str, ...]]:
    return lifetime_of(profile.fields(group)), revalidated_by(profile, group)


def lifetime_of(fields: Mapping[str, FieldValue]) -> Lifetime:
    """Classify the lifetime of a response with these header fields."""
    control = line_of(fields, "cache-control").lower()
    if re.search(r"\bno-store\b", control):
        return "forbidden"
    seconds = re.search(r"\bmax-age\s*=\s*\"?(\d+)", control)
    if re.search(r"\bno-cache\b", control) or (seconds and not int(seconds[1])):
        return "stale at once"
    if seconds:
        return "fresh"
    expires = line_of(fields, "expires")
    if expires:
        return "fresh" if re.search(r"date\+[1-9]", expires) else "stale at once"
    return "guessed" if line_of(fields, "last-modified") else "unknown"


def line_of(fields: Mapping[str, FieldValue], name: str) -> str:
    """Return the lines of a field, joined by commas, or an empty string if it is not sent."""
    for key, value in fields.items():
        if key.lower() == name:
            return "" if value is False else value if isinstance(value, str) else ", ".join(value)
    return ""


def revalidated_by(profile: ServerProfile, group: Group) -> tuple[str, ...]:
    """Return the conditions (``etag``, ``date``) that the server can answer with a 304."""
    answers = Answers.model_validate(profile.index.get("answers", {}))
    conditions = answers.page_conditions if group == "pages" else answers.file_conditions
    sent = {"etag": "etag", "date": "last-modified"}
    fields = profile.fields(group)
    return tuple(sorted(key for key in conditions if line_of(fields, sent[key])))
