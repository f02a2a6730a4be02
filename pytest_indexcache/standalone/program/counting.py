"""Compare the number and size of requests with a step's expectations."""

from __future__ import annotations

import fnmatch
import operator
import re
from collections.abc import Iterable, Iterator
from typing import Any

OPERATORS = {"<=": "le", ">=": "ge", "==": "eq", "!=": "ne", "<": "lt", ">": "gt"}
FILES = ("wheel", "sdist")
"""The kinds of requests whose bytes count towards the expectation ``bytes``."""


def traffic_problems(expect: dict[str, Any], seen: list[dict[str, Any]]) -> Iterator[str]:
    """Yield one line for each expectation about a step's requests that was not met."""
    for key, mark in (("downloads", "download"), ("revalidated", "revalidated")):
        if key in expect:
            things = [_thing(request) for request in seen if request.get(mark)]
            yield from count_problems(key, expect[key], things)
    if "bytes" in expect:
        sent = [
            request
            for request in seen
            if request.get("sent") and request.get("status") in (200, 206)
        ]
        things = [_thing(request, request["sent"]) for request in sent if request["kind"] in FILES]
        yield from count_problems("bytes", expect["bytes"], things)
    if "requests" in expect:
        yield from _kind_problems("requests", expect["requests"], seen)
    for index, kinds in expect.get("requests-to", {}).items():
        own = [request for request in seen if request.get("index") == index]
        yield from _kind_problems(f"requests-to.{index}", kinds, own)
    if "nominal" in expect:
        total = sum(request["nominal"] for request in seen if request.get("download"))
        if not holds(expect["nominal"], total):
            yield f"nominal: expected {expect['nominal']}, seen {total}"
    for kind, wishes in expect.get("fields", {}).items():
        asked = [request.get("fields", {}) for request in seen if _is_of_kind(request, kind)]
        for name, wish in wishes.items():
            yield from _field_problems(f"fields.{kind}.{name}", name.lower(), wish, asked)


def _thing(request: dict[str, Any], weight: int = 1) -> tuple[str, str, int]:
    return request.get("project") or "", request.get("file") or "", weight


def _kind_problems(key: str, expected: Any, seen: list[dict[str, Any]]) -> Iterator[str]:
    """Yield one line for each kind of request whose count is not as expected.

    ``expected`` maps kinds to counts, or is the expected total number of requests.
    """
    kinds = expected if isinstance(expected, dict) else {"total": expected}
    for kind, wanted in kinds.items():
        count = sum(_is_of_kind(request, kind) for request in seen)
        if not holds(wanted, count):
            yield f"{key}.{kind}: expected {wanted}, seen {count}"


def _is_of_kind(request: dict[str, Any], kind: str) -> bool:
    marks = {
        "total": True,
        "head": request.get("method") == "HEAD",
        "range": "range" in request.get("fields", {}),
        "conditional": any(
            name in request.get("fields", {}) for name in ("if-none-match", "if-modified-since")
        ),
        "revalidated": bool(request.get("revalidated")),
        "failed": bool(request.get("failed")),
        "refused": bool(request.get("refused")),
    }
    if kind in marks:
        return marks[kind]
    return request.get("kind") == kind and not request.get("refused")


def _field_problems(key: str, name: str, wish: Any, asked: list[dict[str, str]]) -> Iterator[str]:
    """Yield one line unless a header field has the expected value in all requests.

    If there were no requests, a field that is expected to be sent counts as missing.
    """
    values = [fields.get(name) for fields in asked]
    if isinstance(wish, str):
        pattern = ".*".join(map(re.escape, wish.split("*")))
        wrong = [
            value
            for value in values
            if value is None or not re.match(f"{pattern}$", value, re.DOTALL)
        ]
    else:
        wrong = [value for value in values if (value is not None) is not wish]
    if wrong or (not values and wish is not False):
        yield f"{key}: expected {wish}, seen {wrong[0] if wrong else 'no request'}"


def count_problems(
    key: str, expected: Any, things: Iterable[tuple[str, str, int]]
) -> Iterator[str]:
    """Yield one line for each count that is not as expected.

    ``things`` contains a project, a filename and an amount for each request. ``expected`` is a
    total, or maps patterns to counts. For each project or file, the most specific matching pattern
    applies. A pattern with a wildcard applies to each project separately. A project without a
    matching pattern is expected to have no requests.
    """
    found = list(things)
    if not isinstance(expected, dict):
        total = sum(weight for _, _, weight in found)
        if not holds(expected, total):
            yield f"{key}: expected {expected}, seen {total}"
        return
    patterns = sorted(
        expected, key=lambda pattern: (_is_wild(pattern), pattern == "*", -len(pattern))
    )
    groups: dict[Any, dict[str, int]] = {}
    for project, file, weight in found:
        fitting = [glob for glob in patterns if _matches(glob, (project, file))]
        group = groups.setdefault(fitting[0] if fitting else None, {})
        group[project] = group.get(project, 0) + weight
    for pattern in patterns:
        amounts = list(groups.get(pattern, {}).values())
        counts = amounts or [0] if _is_wild(pattern) else [sum(amounts)]
        wrong = [count for count in counts if not holds(expected[pattern], count)]
        if wrong:
            seen = ", ".join(map(str, wrong))
            yield f"{key}.{pattern}: expected {expected[pattern]}, seen {seen}"
    for project, count in sorted(groups.get(None, {}).items()):
        yield f"{key}.{project}: expected 0, seen {count}"


def _is_wild(pattern: str) -> bool:
    return "*" in pattern or "?" in pattern


def _matches(pattern: str, names: tuple[str, str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for name in names)


def holds(expected: Any, count: int) -> bool:
    """Return whether a count is as expected.

    ``expected`` is a number such as ``3``, a comparison such as ``"<= 3"``, or ``"any"``.
    """
    if isinstance(expected, int):
        return count == expected
    found = re.match(r"(<=|>=|==|!=|<|>)\s*(\d+)$", str(expected))
    return found is None or bool(getattr(operator, OPERATORS[found[1]])(count, int(found[2])))


def readable_size(size: float) -> str:
    """Format a number of bytes with a suitable unit, such as ``175.4 MiB``."""
    units = ["B", "KiB", "MiB", "GiB"]
    while size >= 1024 and len(units) > 1:
        size /= 1024
        units.pop(0)
    text = f"{size:.1f}"
    return f"{text[:-2] if text.endswith('.0') else text} {units[0]}"
