"""Compare counts and amounts of bytes with their expected values."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from pytest_indexcache.run.plays.results import Check, CheckKind
from pytest_indexcache.scenario.tables.counts import amount_in_bytes, holds


def counted(kind: CheckKind, expected: int | str, count: int, **parts: Any) -> Check:
    """Return a check that compares a count with its expected value."""
    held = holds(expected, count)
    excess = None if held else is_excess(expected, count)
    return Check(kind, str(expected), str(count), held, excess=excess, **parts)


def is_excess(expected: int | str, seen: int) -> bool:
    """Return whether an unexpected count is too high rather than too low."""
    sign, bound = _comparison(expected)
    return sign in ("<", "<=") or (sign in ("==", "!=") and seen >= bound)


def _comparison(expected: int | str) -> tuple[str, int]:
    """Split an expected count, such as ``>= 2``, into the operator and the number."""
    if isinstance(expected, int):
        return "==", expected
    match = re.fullmatch(r"(<=|>=|==|!=|<|>)\s*(\d+)", expected)
    if match is None:
        raise ValueError(f"{expected!r} is not a count")
    return match[1], int(match[2])


def weighed(kind: CheckKind, expected: int | str, amount: int, **parts: Any) -> Check:
    """Return a check that compares a number of bytes with its expected value."""
    check = counted(kind, amount_in_bytes(expected), amount, **parts)
    return replace(check, expected=str(expected), seen=f"{amount} B")


def yes_or_no(value: bool) -> str:
    """Return ``yes`` if the value is true, and ``no`` otherwise."""
    return "yes" if value else "no"
