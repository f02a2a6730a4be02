"""The expectations of steps, checked against requests, exits and venvs."""

from __future__ import annotations

import fnmatch
import operator
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

OPERATORS = {"<=": "le", ">=": "ge", "==": "eq", "!=": "ne", "<": "lt", ">": "gt"}


def find_problems(
    expect: dict[str, Any], code: int, seen: list[dict[str, Any]], venv: Path
) -> Iterator[str]:
    """Yield a description of each expectation that a step does not meet."""
    wanted = expect.get("exit", "any")
    if wanted not in ("any", code) and (wanted == "success") != (code == 0):
        yield f"exit {code}, expected {wanted}"
    for key, mark in (("downloads", "download"), ("revalidated", "revalidated")):
        if key in expect:
            names = [(it["project"] or "", it["file"]) for it in seen if it.get(mark)]
            yield from count_problems(key, expect[key], names)
    found = installed(venv) if expect.get("installed") else {}
    for project, version in expect.get("installed", {}).items():
        if found.get(_normal(project)) != version:
            was = found.get(_normal(project))
            yield f"installed.{project}: expected {version}, seen {was}"


def installed(venv: Path) -> dict[str, str]:
    """Return the versions of the distributions in a venv, by project."""
    found = {}
    for folder in venv.glob("**/site-packages/*.dist-info"):
        name, _, version = folder.name[: -len(".dist-info")].rpartition("-")
        found[_normal(name)] = version
    return found


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def count_problems(key: str, expected: Any, names: list[tuple[str, str]]) -> Iterator[str]:
    """Yield each count that differs; a project that no key matches is unexpected.

    ``names`` has the project and the filename of each request; a key can match either.
    """
    if not isinstance(expected, dict):
        if not _holds(expected, len(names)):
            yield f"{key}: expected {expected}, seen {len(names)}"
        return
    for pattern in expected:
        count = sum(_matches(pattern, name) for name in names)
        if not _holds(expected[pattern], count):
            yield f"{key}.{pattern}: expected {expected[pattern]}, seen {count}"
    others = [name[0] for name in names if not any(_matches(it, name) for it in expected)]
    for project in sorted(set(others)):
        yield f"{key}.{project}: expected 0, seen {others.count(project)}"


def _matches(pattern: str, name: tuple[str, str]) -> bool:
    return any(fnmatch.fnmatchcase(part, pattern) for part in name)


def _holds(expected: Any, count: int) -> bool:
    if isinstance(expected, int):
        return count == expected
    found = re.match(r"(<=|>=|==|!=|<|>)\s*(\d+)$", str(expected))
    return found is None or bool(getattr(operator, OPERATORS[found[1]])(count, int(found[2])))


def readable_size(size: float) -> str:
    """Format a number of bytes in a unit in which it is at least 1: ``175.4 MiB``."""
    units = ["B", "KiB", "MiB", "GiB"]
    while size >= 1024 and len(units) > 1:
        size /= 1024
        units.pop(0)
    text = f"{size:.1f}"
    return f"{text[:-2] if text.endswith('.0') else text} {units[0]}"
