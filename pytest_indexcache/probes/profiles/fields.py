"""Convert the header fields of an answer to profile fields, which contain placeholders."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Final

from pytest_indexcache.probes.battery.asking import ServerAnswer
from pytest_indexcache.servers import FieldValue, check_field

KEPT: Final = (
    *("server", "vary", "cache-control", "pragma", "expires", "etag", "last-modified"),
    *("accept-ranges", "content-disposition"),
)
"""Header fields that affect caches or installers; others may contain private names or secrets."""


def profile_fields(
    answer: ServerAnswer, *, of_file: bool
) -> tuple[dict[str, FieldValue], list[str]]:
    """Return the header fields of a 200, with placeholders, and the names of the omitted fields."""
    fields: dict[str, FieldValue] = {}
    left_out = []
    for name in KEPT:
        lines = answer.headers.get_all(name)
        if lines:
            filled = tuple(_templated(name, line, answer) for line in lines)
            fields[name] = filled[0] if len(filled) == 1 else filled
    if "Date" not in answer.headers:
        fields["date"] = False
    if of_file:
        fields |= _file_type(answer)
    for name, value in tuple(fields.items()):
        try:
            check_field(name, value, of_file=of_file)
        except ValueError:
            left_out.append(name)
            del fields[name]
    return fields, left_out


def _file_type(answer: ServerAnswer) -> dict[str, FieldValue]:
    """Return the Content-Type field of a file, unless it is ``application/octet-stream``."""
    kind = answer.field("content-type")
    return {"content-type": kind} if kind and kind != "application/octet-stream" else {}


def _templated(name: str, line: str, answer: ServerAnswer) -> str:
    if name == "etag":
        return _etag(line, answer)
    if name == "last-modified":
        return "$modified" if seconds_of(line) is not None else _literal(line)
    if name == "expires":
        return _expires(line, answer)
    if name == "content-disposition":
        return re.sub(r'filename="?[^";]+"?', 'filename="$filename"', _literal(line))
    return _literal(line)


def _literal(line: str) -> str:
    return line.replace("$", "$$")


def _etag(line: str, answer: ServerAnswer) -> str:
    """Return an ETag whose opaque part is replaced by a placeholder (``$sha256``, ``$opaque``)."""
    weak = "W/" if line.startswith("W/") else ""
    rest = line.removeprefix("W/")
    quote = '"' if rest.startswith('"') else ""
    tag = rest.strip('"')
    shown = next((f"${name}" for name, text in _digests(answer) if text == tag), "$opaque")
    return f"{weak}{quote}{shown}{quote}"


def _digests(answer: ServerAnswer) -> Iterator[tuple[str, str]]:
    if answer.is_whole and answer.body:
        for name in ("md5", "sha1", "sha256"):
            digest = hashlib.new(name, answer.body, usedforsecurity=False)
            yield name, digest.hexdigest()
            if name == "md5":
                yield "md5_base64", base64.b64encode(digest.digest()).decode().rstrip("=")


def _expires(line: str, answer: ServerAnswer) -> str:
    date, expires = seconds_of(answer.field("date")), seconds_of(line)
    if date is None or expires is None:
        return _literal(line)
    offset = int(expires - date)
    return f"${{date{offset:+d}}}" if offset else "$date"


def seconds_of(text: str) -> float | None:
    """Convert an HTTP date to seconds since the epoch; return None if the text is not a date."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None
