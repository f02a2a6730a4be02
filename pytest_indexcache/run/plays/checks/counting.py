"""Check counts and amounts."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from pytest_indexcache.run.plays.results import Check, CheckKind
from pytest_indexcache.scenario.tables.counts import amount_in_bytes, holds


def counted(kind: CheckKind, expected: int | str, count: int, **parts: Any) -> Check:
    """Return the check of a count against its expected value."""
    held = holds(expected, count)
    excess = None if held else is_excess(expected, count)
    return Check(kind, str(expected), str(count), held, excess=excess, **parts)


def is_excess(expected: int | str, seen: int) -> bool:
    """Return whether a count that is not as expected is too high."""
    sign, bound = _comparison(expected)
    return sign in ("<", "<=") or (sign in ("==", "!=") and seen >= bound)


def _comparison(expected: int | str) -> tuple[str, int]:
    """Return the operator and the number in an expected count."""
    if isinstance(expected, int):
        return "==", expected
    match = re.fullmatch(r"(<=|>=|==|!=|<|>)\s*(\d+)", expected)
    if match is None:
        raise ValueError(f"{expected!r} is not a count")
    return match[1], int(match[2])


def weighed(kind: CheckKind, expected: int | str, amount: int, **parts: Any) -> Check:
    """Return the check of an amount of bytes against its expected value."""
    check = counted(kind, amount_in_bytes(expected), amount, **parts)
    return replace(check, expected=str(expected), seen=f"{amount} B")


def yes_or_no(value: bool) -> str:
    """Return ``yes`` or ``no``."""
    return "yes" if value else "no"
