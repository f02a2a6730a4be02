"""Server profiles, which are read from the TOML files next to this module."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict, ValidationError

from pytest_indexcache.data_formats import loads_toml
from pytest_indexcache.errors import HeaderProfileError
from pytest_indexcache.messages import Headers
from pytest_indexcache.servers.answers import UnknownStatus
from pytest_indexcache.servers.fields import (
    FieldValue,
    Representation,
    apply_fields,
    check_field,
)

Group = Literal["pages", "metadata", "files"]
"""The groups of resources: simple pages, core metadata, and files (wheels and sdists)."""

NOT_MODIFIED: Final = ("cache-control", "content-location", "date", "etag", "expires", "vary")
"""The header fields of a 200 response that are repeated in a 304 (RFC 9110 §15.4.5)."""


def _checked(fields: Mapping[str, FieldValue]) -> Mapping[str, FieldValue]:
    for name, value in fields.items():
        check_field(name, value)
    return fields


Lines = Annotated[tuple[str, ...], Strict(False)]
Fields = Annotated[
    dict[str, str | Literal[False] | Lines],
    AfterValidator(_checked),
]


class _Data(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=lambda name: name.replace("_", "-"),
        populate_by_name=True,
    )


class ProfileSource(_Data):
    """A source for the facts in a server profile; ``date`` is a day, a month or a year."""

    url: str = Field(pattern=r"^https?://\S+$")
    date: str = Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")
    note: str = Field(min_length=1)


class Difference(_Data):
    """A response of the real server that the fake index does not imitate, and the reason.

    ``questions`` contains names of questions in ``probes/battery``; ``differs`` lists the parts of
    the responses that differ.
    """

    questions: Lines = Field(min_length=1)
    differs: Lines = Field(min_length=1)
    real: str = Field(min_length=1)
    reason: str = Field(min_length=1)


class ServerProfile(_Data):
    """A known server, with the header fields that it sends and its other properties.

    ``index`` contains the keys that an index in a scenario gets if its ``server`` is this one.
    ``metadata`` is None if core metadata is sent with the same header fields as ``files``.
    ``not_found`` lists facts for which there is no source. ``repeats`` contains the names of the
    fields that a 304 repeats. ``hosts`` are the hosts on which the server is known to run.
    """

    name: str
    title: str
    sources: Annotated[tuple[ProfileSource, ...], Strict(False)] = Field(min_length=1)
    not_found: str
    unknown_status: UnknownStatus = 404
    repeats: Lines | None = None
    hosts: Lines = ()
    index: dict[str, Any] = {}
    differences: Annotated[tuple[Difference, ...], Strict(False)] = ()
    pages: Fields
    metadata: Fields | None = None
    files: Fields

    def fields(self, group: Group) -> Mapping[str, FieldValue]:
        """Return the header fields for a group of resources, with their placeholders."""
        chosen: Fields | None = getattr(self, group)
        return self.files if chosen is None else chosen

    def respond(self, group: Group, representation: Representation, now: float) -> Headers:
        """Return all header fields of a 200 response, except for those that frame its body."""
        basis: dict[str, FieldValue] = {
            "date": "$date",
            "content-type": representation.content_type.replace("$", "$$"),
        }
        own = self.fields(group)
        names = {name.lower() for name in own}
        chosen = {name: value for name, value in basis.items() if name not in names}
        return apply_fields(Headers(), {**chosen, **own}, representation, now)

    def not_modified(self, headers: Headers) -> Headers:
        """Return those header fields of a 200 response that a 304 repeats (RFC 9110 §15.4.5)."""
        repeats = set(NOT_MODIFIED if self.repeats is None else map(str.lower, self.repeats))
        # "Last-Modified might be useful if the response does not have an ETag field"
        if self.repeats is None and "etag" not in headers:
            repeats.add("last-modified")
        return Headers(tuple(pair for pair in headers if pair[0].lower() in repeats))


@cache
def profile_names() -> tuple[str, ...]:
    """Return the sorted names of the servers that have a profile."""
    entries = files(__package__).iterdir()
    return tuple(sorted(e.name[:-5] for e in entries if e.name.endswith(".toml")))


@cache
def _servers_by_host() -> dict[str, str]:
    return {host: name for name in profile_names() for host in load_profile(name).hosts}


def server_at(url: str) -> str:
    """Return the name of the server that is known to run on the host of a URL, or ``none``."""
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return "none"
    return _servers_by_host().get(host or "", "none")


@cache
def load_profile(name: str) -> ServerProfile:
    """Return the profile of the server with this name.

    :raises HeaderProfileError: if there is no such profile
    """
    names = profile_names()
    if name not in names:
        close = get_close_matches(name, names, n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        raise HeaderProfileError(name, "there is none", f"{hint}profiles: {', '.join(names)}")
    return parse_profile(name, (files(__package__) / f"{name}.toml").read_text("utf-8"))


def parse_profile(name: str, text: str) -> ServerProfile:
    """Parse TOML text as a server profile.

    :raises HeaderProfileError: if it is not a valid profile
    """
    try:
        data: dict[str, Any] = loads_toml(text)
        return ServerProfile.model_validate({**data, "name": name})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise HeaderProfileError(name, f"{place}: {first['msg']}") from None
    except ValueError as error:
        raise HeaderProfileError(name, f"not TOML: {error}") from None
