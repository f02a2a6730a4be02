"""Files of TOML that a scenario gives word for word: projects, settings and lockfiles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from pytest_indexcache.data_formats import loads_toml
from pytest_indexcache.scenario.checks.strangers.contents.shapes import Misfit, misfits
from pytest_indexcache.scenario.values.reach import Reach, modules_of

PROJECT_FILE: Final = "pyproject.toml"

_NAMES: Final = (
    (re.compile(r"pyproject\.toml"), PROJECT_FILE),
    (re.compile(r"uv\.toml"), "uv.toml"),
    (re.compile(r"poetry\.toml"), "poetry.toml"),
    (re.compile(r"pdm\.toml"), "pdm.toml"),
    (re.compile(r"uv\.lock"), "uv.lock"),
    (re.compile(r"poetry\.lock"), "poetry.lock"),
    (re.compile(r"pylock(?:\.[^/]+)?\.toml"), "pylock.toml"),
    # PDM may be told of another name for its lockfile.
    (re.compile(r".*\.lock"), "pdm.lock"),
)

TOML_NAMES: Final = (
    "a file of TOML may be pyproject.toml, uv.toml, poetry.toml, pdm.toml, pylock.toml or "
    "pylock.NAME.toml"
)
"""What a person reads whose file has another name."""


def shape_of(name: str) -> str | None:
    """Return the shape of a file of TOML by its name in lower case, None for another file."""
    return next((shape for pattern, shape in _NAMES if pattern.fullmatch(name)), None)


def toml_misfits(text: str, shape: str, reach: Reach) -> Iterator[Misfit]:
    """Yield what may not stand in a file of a shape."""
    try:
        document = loads_toml(text)
    except ValueError as error:
        reason = str(error).partition("; ")[0]
        hint = "a newer TOML than 1.0 is not read here, and an installer may read it"
        yield Misfit((), f"the text is not TOML: {reason}", hint)
        return
    own = modules_of(name for name in _own_names(document) if isinstance(name, str))
    yield from misfits(document, shape, replace(reach, modules=reach.modules | own))


def _own_names(document: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the names that a project file gives to its project."""
    for table in (document.get("project"), _within(document.get("tool"), "poetry")):
        yield _within(table, "name")


def _within(table: Any, key: str) -> Any:
    return table.get(key) if isinstance(table, Mapping) else None
