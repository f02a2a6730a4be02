"""Sizes, times and counts."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from pytest_indexcache.scenario.tables.fields.table import Line, said
from pytest_indexcache.scenario.words import limits
from pytest_indexcache.scenario.words.limits import bounded
from pytest_indexcache.scenario.words.wording import shown
from pytest_indexcache.system.ages import read_age

_SIZE = r"^\s*([0-9]{1,12}(\.[0-9]{1,6})?)\s*([KkMmGg][Ii]?)?[Bb]\s*$"
_COMPARED = r"<=|>=|<|>|==|!="
_COMPARISON = rf"^(any|({_COMPARED})\s*[0-9]{{1,12}})$"
_WAIT = r"^[0-9]{1,4}(\.[0-9]{1,3})? ?(ms|s)$"
_UNITS = {"B": 1, "KB": 1000, "MB": 1000**2, "GB": 1000**3}
_UNITS |= {"KIB": 1024, "MIB": 1024**2, "GIB": 1024**3}


_EARLY, _LATE = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (2024, 2100))


def size_in_bytes(text: str) -> int:
    """Convert a size such as ``"175.4 MiB"`` to a number of bytes.

    :raises ValueError: for any other string
    """
    match = re.fullmatch(_SIZE, bounded(text))
    if not match:
        raise ValueError(f'{shown(text)} is not a size such as "175.4 MiB"')
    return round(float(match[1]) * _UNITS[f"{match[3] or ''}B".upper()])


def human_size(size: float) -> str:
    """Format a number of bytes with the largest suitable unit, such as ``175.4 MiB`` or ``2 GiB``.

    A scenario can use the result as a size.
    """
    units = ["B", "KiB", "MiB", "GiB"]
    while size >= 1024 and len(units) > 1:
        size /= 1024
        units.pop(0)
    return f"{size:.1f}".removesuffix(".0") + f" {units[0]}"


def seconds_of(text: str) -> float:
    """Convert a time such as ``"1.1 s"`` or ``"50 ms"`` to seconds.

    :raises ValueError: for any other string
    """
    match = re.fullmatch(r"([0-9.]+) ?(m?)s", text) if re.fullmatch(_WAIT, text) else None
    if not match:
        raise ValueError(f'{shown(text)} is not a time such as "1.1 s" or "50 ms"')
    return float(match[1]) / (1000 if match[2] else 1)


def moment_of(value: datetime | str, now: float) -> float:
    """Convert a point in time, or an age counted back from ``now``, to seconds since the epoch.

    :raises ValueError: for a date without a UTC offset, and for a string that is not a point in
        time
    """
    age = age_of(value)
    if age is not None:
        return now - age.total_seconds()
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError(
                f'{shown(value)} is not a moment such as 2026-08-01T12:00:00Z or "3 days ago"'
            ) from None
    if value.tzinfo is None:
        raise ValueError(f"{value.isoformat()} has no offset from UTC: write a Z at its end")
    return value.timestamp()


def age_of(value: datetime | str) -> timedelta | None:
    """Return the age that a string such as ``3 days ago`` states, or None for a date."""
    return read_age(value) if isinstance(value, str) else None


def written_moment(value: datetime | str) -> str:
    """Return a point in time in UTC, as installers expect (RFC 3339), and an age unchanged."""
    if age_of(value) is not None:
        return str(value)
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _timed(value: object) -> object:
    """Refuse a date without a time, and a time without a date, because both are needed."""
    match value:
        case datetime():
            return value
        case date():
            raise ValueError(
                f"{value} is a date without a time: write, for example, {value}T00:00:00Z"
            )
        case time():
            raise ValueError(
                f"{value} is a time without a date: write, for example, 2026-08-01T{value}Z"
            )
    return value


def _moment(value: datetime | str) -> datetime | str:
    # Ages are counted from an early moment, because the current time is unknown here.
    if not 0 <= moment_of(value, _EARLY) <= _LATE:
        raise ValueError(f"{shown(str(value))} is not between 1970 and 2100")
    return value


def _wait(text: str) -> str:
    if seconds_of(text) > limits.WAIT:
        raise ValueError(f"{shown(text)} is too long: a step can wait at most {limits.WAIT:g} s")
    return text


def _size(text: str) -> str:
    size_in_bytes(text)
    return text


def _padding(text: str) -> str:
    if size_in_bytes(text) >= 4 * 1024**3:
        raise ValueError(f"{shown(text)} is too much: padding must be less than 4 GiB")
    return text


def _comparison(text: str) -> str:
    if not re.fullmatch(_COMPARISON, bounded(text)):
        raise ValueError(
            f'{shown(text)} is not a count: give a number, "any", or a comparison such as "<= 2"'
        )
    return text


def _amount(text: str) -> str:
    match = re.fullmatch(rf"({_COMPARED})?(.+)", text)
    size_in_bytes(match[2] if match else text)
    return text


Size = Annotated[str, AfterValidator(_size), said("size", _SIZE)]
Padding = Annotated[Size, AfterValidator(_padding)]
Wait = Annotated[str, AfterValidator(_wait), said("time", _WAIT)]
Moment = Annotated[
    datetime | Line,
    BeforeValidator(_timed),
    AfterValidator(_moment),
    WithJsonSchema(
        # JSON has no dates. Programs that validate TOML pass strings, or dates in their own
        # language, to the validator; such a date has none of the types in the schema.
        {
            "$comment": "moment",
            "not": {"type": ["number", "boolean", "array", "object"]},
            "maxLength": limits.TEXT,
        }
    ),
]
Comparison = Annotated[str, AfterValidator(_comparison), said("comparison", _COMPARISON)]
Count = Annotated[int, Field(ge=0)] | Comparison
Amount = (
    Annotated[int, Field(ge=0)] | Annotated[str, AfterValidator(_amount), said("size, compared")]
)
