"""Check that no script from a project or wheel in the workspace can replace a program.

Two examples show the danger. In uv 0.12, ``uv init`` names a script after the project's folder.
Before 0.4, uv installs a script called ``python`` by writing through the venv's link with that
name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from configparser import ConfigParser
from configparser import Error as ConfigError
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

from pytest_indexcache.data_formats import loads_toml
from pytest_indexcache.errors import PlayError
from pytest_indexcache.scenario.values.places import SCRIPT
from pytest_indexcache.system.archives import BROKEN_ARCHIVE

_TABLES: Final = (
    ("project", "scripts"),
    ("project", "gui-scripts"),
    ("project", "entry-points", "console_scripts"),
    ("project", "entry-points", "gui_scripts"),
    ("tool", "poetry", "scripts"),
    ("tool", "poetry", "plugins", "console_scripts"),
    ("tool", "poetry", "plugins", "gui_scripts"),
)
_SECTIONS: Final = ("console_scripts", "gui_scripts")
_ENTRY_POINTS: Final = re.compile(r"[^/]+\.dist-info/entry_points\.txt")
_LARGEST: Final = 1 << 20


def demand_own_scripts(root: Path, file: Path) -> None:
    """Raise PlayError if a project file or a wheel defines a script with a forbidden name."""
    scripts = _scripts_of_wheel(file) if file.suffix == ".whl" else _scripts_of_project(file)
    strange = next((name for name in scripts if not re.fullmatch(SCRIPT, name)), None)
    if strange is not None:
        raise PlayError(
            f"{file.relative_to(root)} has a script {strange[:100]!r}, which could take the place "
            "of a program that installers start",
            "give the project another name",
        )


def _scripts_of_project(file: Path) -> Iterator[str]:
    try:
        document = loads_toml(file.read_text("utf-8", "replace"))
    except ValueError as error:
        raise PlayError(
            f"{file.name} is not TOML, so that its scripts cannot be checked: {error}",
            "look at the step that wrote it",
        ) from None
    for path in _TABLES:
        table: Any = document
        for key in path:
            table = table.get(key) if isinstance(table, Mapping) else None
        yield from table if isinstance(table, Mapping) else ()


def _scripts_of_wheel(file: Path) -> Iterator[str]:
    """Yield the scripts in a wheel, or none if the archive is invalid (it cannot be installed)."""
    parser = ConfigParser(delimiters=("=",), interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        texts = _entry_points(file)
    except BROKEN_ARCHIVE:
        return
    try:
        for text in texts:
            parser.read_string(_text(text))
    except (ConfigError, ValueError) as error:
        raise PlayError(
            f"{file.name}: its entry points cannot be read: {error}",
            "look at the step that built it",
        ) from None
    for section in filter(parser.has_section, _SECTIONS):
        yield from parser.options(section)


def _entry_points(file: Path) -> list[bytes]:
    """Return the contents of a wheel's entry point files, each up to a size limit."""
    texts = []
    with ZipFile(file) as wheel:
        for name in filter(_ENTRY_POINTS.fullmatch, wheel.namelist()):
            with wheel.open(name) as member:
                texts.append(member.read(_LARGEST + 1))
    return texts


def _text(content: bytes) -> str:
    if len(content) > _LARGEST:
        raise ValueError(f"they have more than {_LARGEST:,} bytes")
    return content.decode("utf-8", "replace")
