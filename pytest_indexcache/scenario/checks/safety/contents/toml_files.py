"""Check the TOML files that a scenario contains verbatim: project files, settings and lockfiles."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, Final

from pytest_indexcache.data_formats import loads_toml
from pytest_indexcache.scenario.checks.safety.contents.shapes import Misfit, misfits
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
    # A setting can change the name of PDM's lockfile.
    (re.compile(r".*\.lock"), "pdm.lock"),
)

TOML_NAMES: Final = (
    "a file of TOML may be pyproject.toml, uv.toml, poetry.toml, pdm.toml, pylock.toml or "
    "pylock.NAME.toml"
)
"""The error message for a TOML file with a name that is not allowed."""


def shape_of(name: str) -> str | None:
    """Return the name of the shape for a TOML file, or None if there is no such shape.

    ``name`` is the filename in lower case.
    """
    return next((shape for pattern, shape in _NAMES if pattern.fullmatch(name)), None)


def toml_misfits(
    text: str, shape: str, reach: Reach, beside: Collection[str] = ()
) -> Iterator[Misfit]:
    """Yield a misfit for each part of a TOML file that the shape named ``shape`` does not allow.

    ``beside`` lists the paths of the scenario's other files, relative to the folder of this file.
    """
    try:
        document = loads_toml(text)
    except ValueError as error:
        reason = str(error).partition("; ")[0]
        hint = "the text is newer than TOML 1.0: an installer may read it in another way"
        yield Misfit((), f"the text is not TOML: {reason}", hint)
        return
    own = modules_of(name for name in _own_names(document) if isinstance(name, str))
    found = frozenset(_importable(beside, _source_folders(document)))
    reach = replace(reach, modules=reach.modules | own, attributes=found)
    yield from misfits(document, shape, reach)


def _importable(files: Collection[str], folders: Collection[str]) -> Iterator[str]:
    """Yield the dotted name of each module that setuptools would find in one of the folders."""
    for file in map(PurePosixPath, files):
        for folder in folders:
            if file.suffix == ".py" and file.is_relative_to(folder):
                module = file.relative_to(folder).with_suffix("")
                parts = module.parts[:-1] if module.name == "__init__" else module.parts
                yield ".".join(parts)


def _source_folders(document: Mapping[str, Any]) -> set[str]:
    """Return the folders that setuptools may search for modules, relative to the file's folder."""
    setuptools = _within(document.get("tool"), "setuptools")
    package_folder = _within(_within(setuptools, "package-dir"), "")
    where = _within(_within(_within(setuptools, "packages"), "find"), "where")
    named = [package_folder, *(where if isinstance(where, list) else ())]
    return {".", "src", *(folder for folder in named if isinstance(folder, str))}


def names_of_project(text: str) -> tuple[str, ...]:
    """Return the project names that a project file declares: at most two."""
    try:
        document = loads_toml(text)
    except ValueError:
        return ()  # the file itself is reported by another check
    return tuple(name for name in _own_names(document) if isinstance(name, str))


def _own_names(document: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the values of the keys that declare a project's name in a project file."""
    for table in (document.get("project"), _within(document.get("tool"), "poetry")):
        yield _within(table, "name")


def _within(table: Any, key: str) -> Any:
    return table.get(key) if isinstance(table, Mapping) else None
