"""Compare two server profiles by the behaviour that clients can observe."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pytest_indexcache.probes.profiles.fields import KEPT
from pytest_indexcache.probes.profiles.traits import line_of, revalidated_by
from pytest_indexcache.servers import Answers, FieldValue, Group, ServerProfile

NOT_COMPARED: Final = (
    *("tells", "allow", "sdist-type", "files-path", "vary", "page-conditions", "file-conditions"),
)
"""Keys in ``answers`` that a probe cannot observe, or whose effects are compared instead."""

_OF_JSON: Final = (
    *("answers.api-version", "answers.latest", "answers.html-type", "answers.unacceptable"),
)
_OF_RANGES: Final = (
    *("answers.suffix-ranges", "answers.long-suffix", "answers.several-ranges"),
    *("answers.wrong-ranges", "answers.head-ranges", "answers.if-range"),
)
_OF_METADATA: Final = ("answers.metadata-names", "answers.metadata-hashes")


@dataclass(frozen=True, slots=True)
class ProfileChange:
    """A key whose values in two profiles differ; a value is None if its profile lacks the key."""

    key: str
    before: Any
    after: Any


def differences(before: ServerProfile, after: ServerProfile) -> Iterator[ProfileChange]:
    """Yield the differences in behaviour and in relevant header fields, sorted by key.

    A difference is left out if it follows from another one: a server that does not support ranges,
    for example, does not support suffix ranges either.
    """
    old, new = dict(_values(before)), dict(_values(after))
    implied: set[str] = set()
    for key, keys in (("ranges", _OF_RANGES), ("metadata", _OF_METADATA)):
        implied |= set() if old[key] and new[key] else set(keys)
    if not all("json" in values["formats"] for values in (old, new)):
        implied |= set(_OF_JSON)
    if ["none"] in (old["hashes"], new["hashes"]):
        implied.add("answers.metadata-hashes")
    for key in sorted({**old, **new}.keys() - implied):
        if old.get(key) != new.get(key):
            yield ProfileChange(key, old.get(key), new.get(key))


def _values(profile: ServerProfile) -> Iterator[tuple[str, Any]]:
    yield "unknown-status", profile.unknown_status
    yield from _of_index(profile)
    answers = Answers.model_validate(profile.index.get("answers", {}))
    for key, value in answers.model_dump(by_alias=True).items():
        if key not in NOT_COMPARED:
            yield f"answers.{key}", value
    # A probe sees "yanked" only if the project has a yanked file.
    yield "answers.tells", sorted({*answers.tells} - {"yanked"})
    groups: tuple[Group, ...] = ("pages", "files")
    for group in groups:
        yield f"{group}: conditions that get a 304", list(revalidated_by(profile, group))
        yield from _of_fields(profile, group)
    yield "pages.vary", _vary(profile, answers)


def _of_index(profile: ServerProfile) -> Iterator[tuple[str, Any]]:
    index = profile.index
    for key in ("metadata", "ranges", "gzip"):
        yield key, index.get(key, True)
    yield "formats", sorted(_listed(index.get("formats", ["html", "json"])))
    yield "hashes", sorted(_listed(index.get("hashes", "sha256")))
    head = index.get("head", True)
    yield "head", 200 if head is True else 405 if head is False else head


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(map(str, value))


def _of_fields(profile: ServerProfile, group: Group) -> Iterator[tuple[str, Any]]:
    """Yield relevant header fields with unusual values, with ETags masked."""
    added = profile.index.get("headers", {}).get(group, {})
    fields: Mapping[str, FieldValue] = {**profile.fields(group), **added}
    for name in (*KEPT, "content-type"):
        line = line_of(fields, name)
        if name == "etag":
            line = re.sub(r'[^"]+(?="?$)', "...", line.removeprefix("W/"))
            line = f"W/{line}" if line_of(fields, name).startswith("W/") else line
        if line and name != "vary" and line != "application/octet-stream":
            yield f"{group}.{name}", line.replace('"$filename"', "$filename")
    yield f"{group}.date", "absent" if fields.get("date") is False else "sent"


def _vary(profile: ServerProfile, answers: Answers) -> list[str]:
    """Return the names in Vary, including those that the index adds for content negotiation."""
    names = {name.strip().lower() for name in line_of(profile.pages, "vary").split(",")} - {""}
    if answers.vary and len(profile.index.get("formats", ["html", "json"])) > 1:
        names.add("accept")
    if answers.vary and profile.index.get("gzip", True):
        names.add("accept-encoding")
    return sorted(names)
