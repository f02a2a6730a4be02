"""Check a step's expectations against its requests, exit, output and venv."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterator
from typing import Any

from pytest_indexcache.standalone.program.counting import holds, traffic_problems
from pytest_indexcache.standalone.program.venvs import build_of, files_of, normal, origin_of

CHECKS: list[Callable[..., Iterator[str]]] = []
"""Additional checks, registered by other modules.

Each takes a step, the state before it and the state after it.
"""

READERS: dict[str, Callable[..., Any]] = {}
"""Functions that read a kind of file, registered by other modules and keyed by kind."""

SIGNALS_FROM_OUTSIDE = (1, 2, 9, 15)
"""Signals that do not count as a crash, because other processes usually send them.

These are SIGHUP, SIGINT, SIGKILL and SIGTERM.
"""


def find_problems(
    step: dict[str, Any], seen: list[dict[str, Any]], before: dict[str, Any], after: dict[str, Any]
) -> Iterator[str]:
    """Yield one line for each expectation about a step that was not met.

    ``before`` and ``after`` describe the state before and after the step: ``venv`` is a result of
    :func:`installed`, and ``lockfile`` is the lockfile's bytes or None. ``after`` also contains the
    exit, the output and the builds of the step. If a check is not possible, the reason is added to
    ``after["not_judged"]``.
    """
    expect = step.get("expect", {})
    yield from _exit_problems(expect.get("exit", "any"), after)
    yield from traffic_problems(expect, seen)
    yield from _content_problems(expect, after["venv"])
    for key, old, new in (("added", before, after), ("removed", after, before)):
        if key in expect:
            found = {
                name: distribution
                for name, distribution in new["venv"].items()
                if not _is_in(distribution, old["venv"])
            }
            yield from _change_problems(key, expect[key], found)
    if "reinstalled" in expect:
        kept = {
            name: distribution
            for name, distribution in after["venv"].items()
            if _is_in(distribution, before["venv"])
        }
        found = {
            k: distribution
            for k, distribution in kept.items()
            if before["venv"][k]["time"] != distribution["time"]
        }
        yield from _change_problems("reinstalled", expect["reinstalled"], found)
    if "lockfile" in expect:
        change = _lockfile_change(before["lockfile"], after["lockfile"])
        meets = ("changed", "written") if expect["lockfile"] == "changed" else ("unchanged",)
        if change not in meets:
            yield f"lockfile: expected {expect['lockfile']}, seen {change}"
    yield from _effect_problems(expect, after)
    for check in CHECKS:
        yield from check(step, before, after)


def exit_kind(code: int | None, output: str, signs: dict[str, Any]) -> str:
    """Return the kind of a command's exit; ``code`` is None if the command timed out.

    ``signs`` contains patterns for the installer's messages about crashes and unknown arguments.

    :raises OSError: if the command was killed, did not start, or ignored an option
    """
    for pattern in signs["unplayable"]:
        found = re.search(pattern, output)
        if found:
            raise OSError(f"the installer said: {found[0].strip()}")
    if not code:
        return "success" if code == 0 else "hang"
    if -code in SIGNALS_FROM_OUTSIDE or code in (126, 127):
        raise OSError(f"exit {code}: the installer was killed, or did not start")
    if code < 0 or code in signs["crash_codes"] or re.search(signs["crashed"], output):
        return "crash"
    return "usage" if re.search(signs["unknown"], output) else "failure"


def _exit_problems(wanted: Any, after: dict[str, Any]) -> Iterator[str]:
    kind = after.get("exit", "success")
    if wanted not in ("any", kind, after.get("code", 0)):
        yield f"exit {after['code']} ({kind}), expected {wanted}"


def _lockfile_change(before: bytes | None, after: bytes | None) -> str:
    if before is None or after is None:
        if before is after:
            return "no lockfile"
        return "removed" if after is None else "written"
    return "unchanged" if before == after else "changed"


def _content_problems(expect: dict[str, Any], after: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Yield one line for each difference between the venv and the expected distributions."""
    editable = {
        name: "editable" if value else "" for name, value in expect.get("editable", {}).items()
    }
    for key, wishes, read in (
        ("installed", expect.get("installed", {}), lambda _, it: it["version"]),
        ("builds-of", expect.get("builds-of", {}), build_of),
        ("origin", expect.get("origin", {}), lambda _, it: origin_of(it)),
        ("editable", editable, lambda _, it: "editable" if it["editable"] else ""),
    ):
        for project, wish in wishes.items():
            found = after.get(normal(project))
            was = read(normal(project), found) if found else "not installed"
            if was != wish:
                yield f"{key}.{project}: expected {wish or 'no'}, seen {was or 'no'}"
    if "installed-count" in expect and len(after) != expect["installed-count"]:
        yield f"installed-count: expected {expect['installed-count']}, seen {len(after)}"
    for pattern in expect.get("absent", ()):
        there = sorted(name for name in after if fnmatch.fnmatchcase(name, pattern))
        if there:
            yield f"absent.{pattern}: {', '.join(there)} installed"


def _effect_problems(expect: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    """Yield one line for each output, number of builds, or file in the venv that is unexpected."""
    for part, is_wanted in (("contains", True), ("lacks", False)):
        for text in expect.get("output", {}).get(part, ()):
            if (text in after["output"]) is not is_wanted:
                yield f"output.{part}: {text!r} is {'not ' if is_wanted else ''}there"
    if "builds" in expect:
        for project in sorted({*expect["builds"], *after["builds"]}):
            wanted, count = expect["builds"].get(project, 0), after["builds"].get(project, 0)
            if not holds(wanted, count):
                yield f"builds.{project}: expected {wanted}, seen {count}"
    for pattern, wanted in expect.get("venv-files", {}).items():
        count = len(files_of(after["place"], pattern))
        if not holds((">= 1" if wanted else 0) if isinstance(wanted, bool) else wanted, count):
            yield f"venv-files.{pattern}: expected {wanted}, seen {count}"


def _change_problems(key: str, expected: Any, found: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Yield one line for each difference between the expected and actual changes to the venv."""
    if isinstance(expected, int):
        if not holds(expected, len(found)):
            yield f"{key}: expected {expected}, seen {len(found)}"
        return
    wanted = {normal(name): version for name, version in expected.items()}
    for name in sorted({*wanted, *found}):
        version = found[name]["version"] if name in found else None
        if wanted.get(name) != version:
            yield f"{key}.{name}: expected {wanted.get(name)}, seen {version}"


def _is_in(found: dict[str, Any], venv: dict[str, dict[str, Any]]) -> bool:
    """Return whether a venv contains the same version of a distribution from the same origin."""
    other = venv.get(found["name"])
    keys = ("version", "url", "editable")
    return other is not None and all(found[key] == other[key] for key in keys)
