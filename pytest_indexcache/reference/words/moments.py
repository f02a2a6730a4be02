"""Times as users write them: a date and time, or an age."""

from __future__ import annotations

from datetime import datetime

from pytest_indexcache.system.ages import read_age


def read_moment(text: str, now: float) -> float:
    """Convert a time, or an age such as ``7 days ago``, to seconds since the epoch.

    ``now`` is also in seconds since the epoch.

    :raises ValueError: if the text is not valid, or has no offset from UTC (RFC 3339)
    """
    age = read_age(f"{text.removesuffix(' ago')} ago")
    if age is not None:
        return now - age.total_seconds()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is not a moment such as 2026-08-01T12:00:00Z, or '7 days ago'"
        ) from None
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset from UTC: write a Z at its end")
    return moment.timestamp()


def read_upload_time(text: object) -> float | None:
    """Convert ``upload-time`` (PEP 700) to seconds since the epoch; None if missing or invalid."""
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    # PEP 700: "It MUST be in UTC, with the Z suffix"; without an offset it would be local time.
    return None if moment is None or moment.tzinfo is None else moment.timestamp()
