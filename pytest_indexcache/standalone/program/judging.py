"""Check a step's expectations against its requests, its exit code, the venv and the lockfile."""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from pytest_indexcache.standalone.program.counting import holds, traffic_problems


def find_problems(
    expect: dict[str, Any],
    code: int,
    seen: list[dict[str, Any]],
    before: dict[str, Any],
    after: dict[str, Any],
) -> Iterator[str]:
    """Yield one line for each expectation of a step that does not hold.

    ``before`` and ``after`` describe the state before and after the step: ``venv`` is a result of
    :func:`installed`, and ``lockfile`` is the lockfile's bytes or None.
    """
    wanted = expect.get("exit", "any")
    if wanted not in ("any", code) and (wanted == "success") != (code == 0):
        yield f"exit {code}, expected {wanted}"
    yield from traffic_problems(expect, seen)
    yield from _content_problems(expect, after["venv"])
    for key, old, new in (("added", before, after), ("removed", after, before)):
        if key in expect:
            yield from _change_problems(key, expect[key], old["venv"], new["venv"])
    if "lockfile" in expect:
        change = _lockfile_change(before["lockfile"], after["lockfile"])
        meets = ("changed", "written") if expect["lockfile"] == "changed" else ("unchanged",)
        if change not in meets:
            yield f"lockfile: expected {expect['lockfile']}, seen {change}"


def _lockfile_change(before: bytes | None, after: bytes | None) -> str:
    if before is None or after is None:
        if before is after:
            return "no lockfile"
        return "removed" if after is None else "written"
    return "unchanged" if before == after else "changed"


def _content_problems(expect: dict[str, Any], after: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Yield one line for each difference between the venv and the expected distributions."""
    for project, version in expect.get("installed", {}).items():
        was = after.get(normal(project), {}).get("version")
        if was != version:
            yield f"installed.{project}: expected {version}, seen {was}"
    for project, build in expect.get("builds-of", {}).items():
        found = after.get(normal(project))
        was = build_of(normal(project), found) if found else "not installed"
        if was != build:
            yield f"builds-of.{project}: expected {build}, seen {was}"
    if "installed-count" in expect and len(after) != expect["installed-count"]:
        yield f"installed-count: expected {expect['installed-count']}, seen {len(after)}"
    for pattern in expect.get("absent", ()):
        there = sorted(name for name in after if fnmatch.fnmatchcase(name, pattern))
        if there:
            yield f"absent.{pattern}: {', '.join(there)} installed"


def _change_problems(
    key: str, expected: Any, old: dict[str, dict[str, Any]], new: dict[str, dict[str, Any]]
) -> Iterator[str]:
    """Yield one line for each difference between the expected and the actual change of the venv.

    ``old`` and ``new`` are the distributions before and after the step; for ``removed``, the
    reverse.
    """
    found = {
        name: it["version"] for name, it in new.items() if _identity(old.get(name)) != _identity(it)
    }
    if isinstance(expected, int):
        if not holds(expected, len(found)):
            yield f"{key}: expected {expected}, seen {len(found)}"
        return
    wanted = {normal(name): version for name, version in expected.items()}
    for name in sorted({*wanted, *found}):
        if wanted.get(name) != found.get(name):
            yield f"{key}.{name}: expected {wanted.get(name)}, seen {found.get(name)}"


def _identity(found: dict[str, Any] | None) -> Any:
    return found and (found["version"], found["url"], found["editable"])


def installed(venv: Path) -> dict[str, dict[str, Any]]:
    """Return the distributions in a venv, keyed by normalised project name.

    Each contains its version, the URL of its origin or None, whether it is editable, and the folder
    of its modules.
    """
    found = {}
    for folder in venv.glob("**/site-packages/*.dist-info"):
        name, _, version = folder.name[: -len(".dist-info")].rpartition("-")
        direct = _direct_url(folder)
        found[normal(name)] = {
            "version": version,
            "url": direct.get("url"),
            "editable": bool(direct.get("dir_info", {}).get("editable")),
            "folder": folder.parent,
        }
    return found


def _direct_url(folder: Path) -> dict[str, Any]:
    try:
        text = (folder / "direct_url.json").read_text(encoding="utf-8")
        found = json.loads(text)  # noqa: TID251 - the package is not there
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def build_of(project: str, found: dict[str, Any]) -> str:
    """Return the marker ``__build__`` in a distribution's module, which differs between builds."""
    module = project.replace("-", "_")
    roots = [found["folder"]]
    if found["editable"]:
        roots.append(Path(url2pathname(urlsplit(found["url"]).path)))
    for path in (
        it for root in roots for it in (root / f"{module}.py", root / module / "__init__.py")
    ):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            marker = re.search(r"^__build__ = (['\"])(.*)\1$", text, re.MULTILINE)
            return marker[2] if marker else "no marker"
    return "no marker"


def normal(name: str) -> str:
    """Return the normalised name of a project (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def readable_size(size: float) -> str:
    """Format a number of bytes with a suitable unit: ``175.4 MiB``."""
    units = ["B", "KiB", "MiB", "GiB"]
    while size >= 1024 and len(units) > 1:
        size /= 1024
        units.pop(0)
    text = f"{size:.1f}"
    return f"{text[:-2] if text.endswith('.0') else text} {units[0]}"
