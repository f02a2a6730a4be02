"""Check whether the venv meets the requirements of a step and of installed projects.

The script has no parser for version specifiers. For each requirement, the versions that meet it
were recorded when the script was written.
"""

from __future__ import annotations

import ast
import operator
import os
import platform
import sys
from collections.abc import Iterator
from typing import Any

from pytest_indexcache.standalone.program.judging import CHECKS, READERS
from pytest_indexcache.standalone.program.venvs import normal

COMPARISONS: dict[type, Any] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.In: lambda one, other: one in other,
    ast.NotIn: lambda one, other: one not in other,
}


def requirement_problems(
    step: dict[str, Any], _: dict[str, Any], after: dict[str, Any]
) -> Iterator[str]:
    """Yield a line for each unmet requirement of a step, and for an unmet ``check`` expectation."""
    if after.get("exit") == "success" and "wanted" in step:
        wanted = _wanted(step, after)
        problems = [problem for text in wanted for problem in _unmet(text, after, "satisfied")]
        if step["wants_venv"] and not problems and not after["python"]:
            problems = ["there is no venv"]
        yield from (f"satisfied: {problem}" for problem in problems)
    if "check" in step.get("expect", {}):
        count = len(after["not_judged"])
        found = [
            f"{name} requires {text}: {problem}"
            for name, distribution in sorted(after["venv"].items())
            for text in _requirements(distribution)
            for problem in _unmet(text, after, "check")
        ]
        is_unclear = len(after["not_judged"]) > count and not found
        if not is_unclear and bool(found) is step["expect"]["check"]:
            yield f"check: {'; '.join(found) or 'the venv is consistent'}"


CHECKS.append(requirement_problems)


def _wanted(step: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Return the requirements of a step, except those missing from a frozen lockfile."""
    wanted: list[str] = step["wanted"]
    if not step["wanted_if_locked"]:
        return wanted
    try:
        locked = {package["name"] for path in after["locks"] for package in READERS["lock"](path)}
    except OSError as error:
        after["not_judged"].append(f"satisfied: {error}")
        return []
    return [text for text in wanted if after["requirements"][text]["name"] in locked]


def _requirements(found: dict[str, Any]) -> list[str]:
    """Return the requirements in the core metadata of a distribution."""
    head = found["metadata"].read_text(encoding="utf-8").partition("\n\n")[0]
    lines = [line.partition(": ") for line in head.splitlines()]
    return [text.strip() for key, _, text in lines if key == "Requires-Dist"]


def _unmet(text: str, after: dict[str, Any], key: str) -> Iterator[str]:
    """Yield the reason why the venv does not meet a requirement, if there is one.

    If this cannot be judged, the reason is added to ``after["not_judged"]``.
    """
    known = after["requirements"].get(text)
    try:
        if known is None or not _holds_marker(known["marker"], after["python"]):
            if known is None:
                after["not_judged"].append(f"{key}: {text} is not a requirement of the scenario")
            return
    except (KeyError, SyntaxError, TypeError, ValueError):
        after["not_judged"].append(f"{key}: the marker of {text}")
        return
    found = after["venv"].get(normal(known["name"]))
    if found is None:
        yield f"{known['name']} is not installed"
    elif known["versions"] is None or found["version"] in known["versions"]:
        return
    elif found["version"] in known["others"]:
        yield f"{known['name']} {found['version']} is installed, {text} is asked for"
    else:
        after["not_judged"].append(f"{key}: {known['name']} {found['version']} is unknown")


def _holds_marker(marker: str, version: str) -> bool:
    """Return whether an environment marker is true for a Python version on this machine (PEP 508).

    The marker is parsed as a Python expression, but not executed.
    """
    values = {
        "extra": "",
        "implementation_name": sys.implementation.name,
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_system": platform.system(),
        "python_full_version": version,
        "python_version": ".".join(version.split(".")[:2]),
        "sys_platform": sys.platform,
    }
    return not marker or _holds(ast.parse(marker, mode="eval").body, values)


def _holds(node: Any, values: dict[str, str]) -> bool:
    if isinstance(node, ast.BoolOp):
        joined = all if isinstance(node.op, ast.And) else any
        return joined(_holds(value, values) for value in node.values)
    sides = [node.left, *node.comparators]
    one, other = (values[side.id] if isinstance(side, ast.Name) else side.value for side in sides)
    compare = COMPARISONS[type(node.ops[0])]
    if any(isinstance(side, ast.Name) and side.id.startswith("python_") for side in sides):
        return bool(compare(*(tuple(map(int, side.split("."))) for side in (one, other))))
    return bool(compare(one, other))
