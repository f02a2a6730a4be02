"""Compare actual numbers with the counts that a scenario expects."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Final

from pytest_indexcache.scenario.tables.fields import size_in_bytes

_OPERATORS: Final[dict[str, Callable[[int, int], bool]]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
}


def holds(expected: int | str, seen: int) -> bool:
    """Return whether a number satisfies an expected count, such as ``2``, ``any`` or ``<= 2``."""
    if isinstance(expected, int):
        return seen == expected
    if expected == "any":
        return True
    match = re.fullmatch(r"(<=|>=|==|!=|<|>)\s*(\d+)", expected)
    if match is None:
        raise ValueError(f"{expected!r} is not a count")
    return _OPERATORS[match[1]](seen, int(match[2]))


def amount_in_bytes(amount: int | str) -> int | str:
    """Convert the size in an amount to bytes: ``"<= 1 KiB"`` becomes ``"<= 1024"``."""
    if isinstance(amount, int) or amount == "any":
        return amount
    match = re.fullmatch(r"(<=|>=|==|!=|<|>)?\s*(.+)", amount)
    if match is None:
        raise ValueError(f"{amount!r} is not an amount")
    return f"{match[1] or '=='} {size_in_bytes(match[2])}"
