"""Compare values that the venv's Python imports with the expected values."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from typing import Any

from pytest_indexcache.standalone.program.judging import CHECKS

IMPORTER = """
import importlib, json, os, sys, traceback
def value_of(dotted):
    parts, failure = dotted.split("."), None
    for depth in range(len(parts), 0, -1):
        try:
            value = importlib.import_module(".".join(parts[:depth]))
            for part in parts[depth:]:
                value = getattr(value, part)
        except (ImportError, AttributeError) as error:
            failure = "%s: %s" % (type(error).__name__, error)
            continue
        is_plain = isinstance(value, (str, int, float, bool, type(None)))
        return value if is_plain else "module " + getattr(value, "__name__", "?")
    return failure
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
try:
    values = {name: value_of(name) for name in sys.argv[1:]}
except BaseException as error:
    text = traceback.format_exception_only(type(error), error)[-1].strip()
    values = dict.fromkeys(sys.argv[1:], text)
print(json.dumps(values), file=answers)
"""


def import_problems(
    step: dict[str, Any], _: dict[str, Any], after: dict[str, Any]
) -> Iterator[str]:
    """Yield a line for each imported value that is not as expected."""
    expected = step.get("expect", {}).get("imports", {})
    values = imported(after, list(expected)) if expected else {}
    for name, wanted in expected.items():
        found = values.get(name)
        if type(found) is not type(wanted) or found != wanted:
            yield f"imports.{name}: expected {wanted!r}, seen {found!r}"


CHECKS.append(import_problems)


def imported(after: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """Return the value of each dotted name, or the error message if it cannot be imported."""
    folder = "Scripts" if os.name == "nt" else "bin"
    python = after["place"] / folder / "python"
    if not python.exists():
        return dict.fromkeys(names, "there is no venv")
    ended = subprocess.run(
        [str(python), "-I", "-B", "-c", IMPORTER, *names],
        env={name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )
    if ended.returncode:
        return dict.fromkeys(names, "Python crashed")
    return dict(json.loads(ended.stdout))  # noqa: TID251 - the package is not there
