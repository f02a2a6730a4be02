"""Find scenario files in this package's catalogue and in folders."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

NOT_SEARCHED = (
    *("*.egg", ".*", "_darcs", "build", "CVS", "dist", "node_modules", "venv", "{arch}"),
    "__pycache__",
)
"""Patterns for folders that are not searched, as in pytest's ``norecursedirs``."""

OTHERS = frozenset({"pyproject.toml", "ruff.toml", "pylock.toml", "uv.toml", "poetry.toml"})
OBSERVED_SUFFIX = ".observed.toml"
"""The suffix of the files that ``--indexcache-observe=beside`` writes."""

LOOK_BYTES = 1 << 20
CATALOGUE_PREFIX = "scenarios"


@cache
def catalogue_folder() -> Path:
    """Return the folder of the catalogue, in the package or in the source checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "catalogue"
    return installed if installed.is_dir() else package.parent / "scenarios"


def is_trusted_file(path: Path, trusted: Iterable[Path] = ()) -> bool:
    """Return whether a scenario file is in the catalogue, or in a file or folder in ``trusted``."""
    real = path.resolve()
    return any(real.is_relative_to(folder.resolve()) for folder in (catalogue_folder(), *trusted))


def looks_like_scenario(path: Path) -> bool:
    """Return whether a TOML file is probably a scenario.

    A file with steps, indexes or a title counts as a scenario. Baselines, observations and project
    files do not. Any other file counts as a scenario, so that its errors are reported.
    """
    name = path.name
    if name in OTHERS or name.startswith((".", "pylock.")) or name.endswith(OBSERVED_SUFFIX):
        return False
    with path.open("rb") as file:
        start = file.read(LOOK_BYTES)
    others = re.search(rb"(?m)^\s*\[?(project|tool|build-system|package)\b", start)
    # The tables of a baseline are named after the files of scenarios.
    baseline = re.search(rb"""(?m)^\s*\[?\s*(["'])[^"'\n]+\.toml\1\s*[.=\]]""", start)
    scenario = re.search(rb"(?m)^\s*(title\s*=|\[+\s*(steps|indexes)\b)", start)
    return bool(scenario) or not (others or baseline)


def scenario_files(path: Path) -> list[Path]:
    """Return the scenario files in a folder and its subfolders, sorted.

    If ``path`` is a file, only this file is returned. Subfolders that match ``NOT_SEARCHED`` and
    virtual environments are skipped.
    """
    if not path.is_dir():
        return [path]
    return sorted(found for found in _toml_files(path) if looks_like_scenario(found))


def _toml_files(top: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(top, followlinks=True):
        place = Path(folder)
        names[:] = [name for name in names if _is_searched(place, name)]
        yield from (place / name for name in files if name.endswith(".toml"))


def _is_searched(folder: Path, name: str) -> bool:
    path = folder / name
    if any(fnmatch(name, pattern) for pattern in NOT_SEARCHED):
        return False
    try:
        # PEP 405; a conda environment has conda-meta/history instead.
        if (path / "pyvenv.cfg").is_file() or (path / "conda-meta" / "history").is_file():
            return False
        is_loop = path.is_symlink() and folder.resolve().is_relative_to(path.resolve())
    except OSError:  # the folder cannot be entered, so it contains no file to read
        return False
    return not is_loop


def in_catalogue(path: Path) -> Path | None:
    """Return the catalogue's file or folder for a path such as ``scenarios/pytorch``.

    If the catalogue does not contain the path, the result is None.
    """
    first, *others = path.parts or ("",)
    found = catalogue_folder().joinpath(*others)
    return found if first == CATALOGUE_PREFIX and found.exists() else None


def shown_file(path: Path) -> Path:
    """Return a path as shown in messages: relative if it is below the current folder."""
    whole = Path(os.path.normpath(path.absolute()))  # resolve() would follow symlinks
    folder = Path.cwd()
    return whole.relative_to(folder) if whole.is_relative_to(folder) else whole


def scenario_name(path: Path, folder: Path) -> str:
    """Return the unique name of a scenario: its path relative to ``folder``.

    Files in the catalogue have names such as ``scenarios/a.toml``, unless ``folder`` contains
    another file at this path.
    """
    path, catalogue = path.absolute(), catalogue_folder()
    if path.is_relative_to(catalogue):
        name = f"{CATALOGUE_PREFIX}/{path.relative_to(catalogue).as_posix()}"
        own = folder / name
        if not own.exists() or own.samefile(path):
            return name
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # another drive on Windows
        return path.as_posix()
