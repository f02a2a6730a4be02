"""Convert header fields from real indexes to values for a scenario, without private details.

Only fields in ``ALLOWED`` are kept. Their values may contain only known words, numbers, dates and
placeholders.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Final

from pytest_indexcache.messages import Headers

Fields = Mapping[str, str | bool]
"""Maps names of header fields to values; False means that a field is not sent."""

_DIRECTIVES: Final = frozenset(
    """
    max-age s-maxage no-cache no-store no-transform must-revalidate proxy-revalidate
    must-understand private public immutable stale-while-revalidate stale-if-error
    """.split()  # noqa: SIM905
)
_KNOWN_FIELDS: Final = frozenset(
    """
    accept accept-encoding user-agent origin cookie authorization authorisation range host
    accept-language x-requested-with
    """.split()  # noqa: SIM905
)
_MEDIA_TYPE = re.compile(
    r"(?:text/html|text/plain|application/[a-z0-9.+-]{1,60}|binary/octet-stream)"
    r"(?:; ?charset=\"?[A-Za-z0-9-]{1,20}\"?)?"
)
_OLD: Final = 300 * 86_400
"""A Last-Modified date that is older than this many seconds becomes ``$modified``.

This placeholder stands for the date of the file that the fake index serves.
"""

_NUMBER = re.compile(r"[0-9]{1,12}")
_ETAG = re.compile(r'(W/)?"[^"]*"')


def _cache_control(value: str, date: float | None) -> str:  # noqa: ARG001
    kept = []
    for directive in value.split(","):
        name, equals, argument = directive.strip().partition("=")
        is_plain = name.lower() in _DIRECTIVES and (
            not equals or _NUMBER.fullmatch(argument.strip('"'))
        )
        kept += [directive.strip()] if is_plain else []
    return ",".join(kept) if "," in value and ", " not in value else ", ".join(kept)


def _etag(value: str, date: float | None) -> str:  # noqa: ARG001
    found = _ETAG.fullmatch(value.strip())
    return f'{found[1] or ""}"$md5"' if found else ""


def _modified(value: str, date: float | None) -> str:
    modified = _seconds(value)
    if modified is None:
        return ""
    # Of an old date, only the age matters, and the dates of fake files are old, too.
    is_old = date is not None and date - modified > _OLD
    return "$modified" if is_old else value


def _expires(value: str, date: float | None) -> str:
    expires = _seconds(value)
    if expires is None or date is None:
        return "0" if value.strip() in ("0", "-1") else ""
    return f"${{date{round(expires - date):+d}}}"


def _vary(value: str, date: float | None) -> str:  # noqa: ARG001
    names = [name.strip() for name in value.split(",")]
    return ", ".join(name for name in names if name == "*" or name.lower() in _KNOWN_FIELDS)


def _number(value: str, date: float | None) -> str:  # noqa: ARG001
    return value.strip() if _NUMBER.fullmatch(value.strip()) else ""


def _content_type(value: str, date: float | None) -> str:  # noqa: ARG001
    return value.strip() if _MEDIA_TYPE.fullmatch(value.strip()) else ""


def _one_of(*words: str) -> Callable[[str, float | None], str]:
    return lambda value, _: value.strip() if value.strip().lower() in words else ""


ALLOWED: Final[Mapping[str, Callable[[str, float | None], str]]] = {
    "cache-control": _cache_control,
    "pragma": _one_of("no-cache"),
    "expires": _expires,
    "age": _number,
    "etag": _etag,
    "last-modified": _modified,
    "vary": _vary,
    "accept-ranges": _one_of("bytes", "none"),
    "x-pypi-last-serial": _number,
}
"""Functions that convert a field's value for a scenario, or return "" to drop the field."""


def scenario_fields(headers: Headers, *, of_file: bool) -> dict[str, str | bool]:
    """Return the header fields of a response as values for a scenario; False for missing fields.

    Content-Type is included only for files, because for a page it follows from the page's format.
    """
    date = _seconds(headers.get("Date") or "")
    allowed = {**ALLOWED, "content-type": _content_type} if of_file else dict(ALLOWED)
    told: dict[str, str | bool] = {}
    for name, rule in allowed.items():
        value = headers.get(name)
        told[name] = (rule(value, date) or False) if value is not None else False
    if of_file and not told["content-type"]:
        del told["content-type"]
    return told


def common_fields(choices: Sequence[Fields]) -> dict[str, str | bool]:
    """Return each field with its most frequent value."""
    names = dict.fromkeys(name for fields in choices for name in fields)
    return {
        name: Counter(fields[name] for fields in choices if name in fields).most_common(1)[0][0]
        for name in names
    }


def own_fields(fields: Fields, common: Fields) -> dict[str, str | bool]:
    """Return the fields that differ from ``common``."""
    return {name: value for name, value in fields.items() if common.get(name, False) != value}


def sent_fields(fields: Fields, names: Iterable[str] = ()) -> dict[str, str | bool]:
    """Return the fields that are sent, plus any fields in ``names``, whether sent or not."""
    wanted = set(names)
    return {name: value for name, value in fields.items() if value is not False or name in wanted}


def _seconds(value: str) -> float | None:
    try:
        return parsedate_to_datetime(value).timestamp()
    except (ValueError, TypeError):
        return None
