"""Header fields in server profiles: validate them, and fill in their placeholders."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from pytest_indexcache.messages import Headers, http_date

FieldValue = str | Literal[False] | tuple[str, ...]
"""The value of a field, a tuple of values for several lines, or False if it is not sent."""

LONGEST_VALUE: Final = 4096
"""The maximum length of a field value; servers and installers have similar limits."""

FRAMING: Final = frozenset({"content-length", "content-range", "trailer", "transfer-encoding"})
"""Fields that determine where a body ends; the index derives them from the body that it sends."""

LEADING: Final = frozenset({"location", "content-location", "refresh", "alt-svc"})
"""Fields that lead clients elsewhere; pip before 26.3 even follows a Location to ``file:``."""

_CHARSETS: Final = ("utf-8", "us-ascii", "iso-8859-1")
_PAGE_TYPE: Final = re.compile(r"html|json|xml|pypi", re.IGNORECASE)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\x20-\x7e\t]*")
_PLACEHOLDER = re.compile(r"\$(?:(\$)|([a-z]\w*)|\{(\w+)(?:([+-]\d{1,10}))?\})?", re.ASCII)
_TIMES: Final = ("date", "modified")
_TEXTS: Final = ("md5", "sha1", "sha256", "md5_base64", "opaque", "length", "filename")


@dataclass(frozen=True, slots=True)
class Representation:
    """The properties of a response that header fields refer to."""

    content_type: str
    length: int
    sha256: str
    sha1: str
    md5: str
    last_modified: float
    filename: str = ""


def check_field(name: str, value: FieldValue, *, of_file: bool = False) -> None:
    """Raise ValueError unless a field can be sent unchanged and cannot harm installers.

    The filename in Content-Disposition must not contain a path, because pip before 19.2 would write
    to that path. The charset must be harmless: with UTF-7, for example, escaped text on a page
    could become a link. A file (``of_file``) must not have the Content-Type of a page, because its
    text could contain links.
    """
    check_name(name)
    check_value(value)
    if name.lower() == "content-type":
        for line in _lines(value):
            if "$" in line:
                raise ValueError(f"{name} has no placeholder: {line[:60]!r} could become any type")
            _check_charset(line)
            if of_file and _PAGE_TYPE.search(line):
                raise ValueError(f"{name}: {line[:60]!r} is the type of a page, not of a file")
    is_path = any(re.search(r"[/\\%]|\.\.", line) for line in _lines(value))
    if name.lower() == "content-disposition" and is_path:
        raise ValueError(f"{name} has a path or an escape: give the name of a file")


def _check_charset(media_type: str) -> None:
    charset = re.search(r"charset(.*)", media_type, re.IGNORECASE)
    if charset and charset[1].strip(" \t='\"").lower() not in _CHARSETS:
        known = ", ".join(_CHARSETS)
        raise ValueError(f"{media_type[:60]!r} has an unsupported charset: use one of {known}")


def check_name(name: str) -> None:
    """Raise ValueError unless a field name is valid and has no effect on framing or redirects."""
    if not _TOKEN.fullmatch(name):
        raise ValueError(f"{name[:60]!r} is not the name of a header field (RFC 9110 §5.1)")
    if name.lower() in FRAMING:
        raise ValueError(f"{name} is set by the index itself, from the body that it sends")
    if name.lower() in LEADING:
        raise ValueError(
            f"{name} would redirect the client; give a redirect to the page or the file instead"
        )


def check_value(value: FieldValue) -> None:
    """Raise ValueError unless a value consists of visible ASCII, spaces, tabs and placeholders.

    Such a value cannot end its line and start a new field (RFC 9110 §5.5).
    """
    for line in _lines(value):
        if not _VALUE.fullmatch(line):
            raise ValueError(
                f"{line[:60]!r} is not the value of a header field: it can have only visible "
                "ASCII, spaces and tabs (RFC 9110 §5.5)"
            )
        if len(line) > LONGEST_VALUE:
            raise ValueError(
                f"the value has {len(line)} characters; at most {LONGEST_VALUE} are allowed"
            )
        for match in _PLACEHOLDER.finditer(line):
            _check_placeholder(match)


def apply_fields(
    headers: Headers,
    fields: Mapping[str, FieldValue],
    representation: Representation,
    now: float,
) -> Headers:
    """Return the headers with these fields added; they replace fields with the same name."""
    added = [
        (name, _fill(line, representation, now) if "$" in line else line)
        for name, value in fields.items()
        for line in _lines(value)
    ]
    return Headers(headers.without(*fields).fields + tuple(added))


def _lines(value: FieldValue) -> tuple[str, ...]:
    if value is False:
        return ()
    return (value,) if isinstance(value, str) else value


def _check_placeholder(match: re.Match[str]) -> None:
    dollar, plain, braced, offset = match.groups()
    name = plain or braced
    if dollar or name in _TIMES or (name in _TEXTS and not offset):
        return
    known = ", ".join(f"${known}" for known in _TIMES + _TEXTS)
    raise ValueError(
        f"{match[0]!r} is not a placeholder: use {known} or, for times, such as "
        "${date-600}; a dollar sign is written $$"
    )


def _fill(line: str, representation: Representation, now: float) -> str:
    def replacement(match: re.Match[str]) -> str:
        dollar, plain, braced, offset = match.groups()
        name = plain or braced
        if dollar:
            return "$"
        if name in _TIMES:
            time = now if name == "date" else representation.last_modified
            return http_date(time + int(offset or 0))
        return _text(name, representation)

    return _PLACEHOLDER.sub(replacement, line)


def _text(name: str, representation: Representation) -> str:
    if name == "md5_base64":
        return b64encode(bytes.fromhex(representation.md5)).decode().rstrip("=")
    if name == "opaque":
        return representation.sha256[:15].upper()
    if name == "filename":
        # quoted strings end at a quotation mark, and a field at the end of its line
        return re.sub(r'[^\x20-\x7e]|["\\]', "_", representation.filename)
    return str(getattr(representation, name))
