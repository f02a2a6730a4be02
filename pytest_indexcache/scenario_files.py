"""Where the scenarios that ship with the package lie, and which files are scenarios."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

OTHERS = frozenset({"pyproject.toml", "ruff.toml", "pylock.toml", "uv.toml", "poetry.toml"})
LOOK_BYTES = 1 << 20
CATALOGUE_PREFIX = "scenarios"


@cache
def catalogue_folder() -> Path:
    """Return the catalogue's folder: inside the package, or beside it in a source checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "catalogue"
    return installed if installed.is_dir() else package.parent / "scenarios"


def looks_like_scenario(path: Path) -> bool:
    """Say whether a TOML file that was met in a folder is meant to be a scenario.

    Files of other tools are passed over; whatever has steps, indexes or a title is one, and so is
    an empty or a broken file, whose error should be seen rather than missed.
    """
    name = path.name
    if name in OTHERS or name.startswith((".", "pylock.")):
        return False
    with path.open("rb") as file:
        start = file.read(LOOK_BYTES)
    others = re.search(rb"(?m)^\s*\[?(project|tool|build-system|package)\b", start)
    scenario = re.search(rb"(?m)^\s*(title\s*=|\[+\s*(steps|indexes)\b)", start)
    return bool(scenario) or not others


def scenario_files(path: Path) -> list[Path]:
    """Return a file itself, or the scenarios in a folder and below it, in order."""
    if not path.is_dir():
        return [path]
    return sorted(found for found in path.rglob("*.toml") if looks_like_scenario(found))


def in_catalogue(path: Path) -> Path | None:
    """Return the file or folder of the catalogue that a name in a source checkout means, if any.

    ``scenarios/pytorch`` is understood in every folder.
    """
    first, *others = path.parts or ("",)
    found = catalogue_folder().joinpath(*others)
    return found if first == CATALOGUE_PREFIX and found.exists() else None


def scenario_name(path: Path, folder: Path) -> str:
    """Name a scenario: as in a source checkout if it is the catalogue's, else from a folder."""
    path, catalogue = path.absolute(), catalogue_folder()
    if path.is_relative_to(catalogue):
        return f"{CATALOGUE_PREFIX}/{path.relative_to(catalogue).as_posix()}"
    return (path.relative_to(folder) if path.is_relative_to(folder) else path).as_posix()
