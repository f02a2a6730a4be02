"""Check that each Python in a workspace belongs to a venv that is isolated from the machine.

An installer that mistakes a folder for a venv uses an interpreter of the machine: it starts that
interpreter with the machine's packages, or installs packages into it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from pytest_indexcache.errors import PlayError
from pytest_indexcache.plain_files import PYTHONS
from pytest_indexcache.run.plays.workspace.walked_folders import WalkedFolder
from pytest_indexcache.scenario.values.reach import OTHER_PYTHONS

_PROGRAMS: Final = ("bin", "scripts")
"""The folders that contain a venv's Python, in lower case (Windows has ``Scripts``)."""

_KEEPS_OUT: Final = re.compile(r"^include-system-site-packages\s*=\s*false\s*$", re.MULTILINE)


def demand_own_python(root: Path, folder: WalkedFolder) -> None:
    """Raise PlayError for a folder that makes an installer use the machine's own Python.

    Such folders are a ``bin`` or ``Scripts`` folder with a Python but no ``pyvenv.cfg`` beside it,
    a ``.venv`` without a Python, and ``__pypackages__`` (PEP 582).
    """
    place, name = folder.path, folder.path.name.lower()
    if name == OTHER_PYTHONS:
        raise PlayError(
            f"{place.relative_to(root)} makes PDM use a Python of the machine instead of a venv",
            "remove the folder from the scenario, or the step that makes it",
        )
    has_python = any(file.lower().startswith(PYTHONS) for file in folder.files)
    if name in _PROGRAMS and has_python:
        demand_venv(root, place.parent)
    elif name == ".venv" and not any(map(_has_python, (place / "bin", place / "Scripts"))):
        raise PlayError(
            f"{place.relative_to(root)} has no Python: an installer that takes it for a venv would "
            "use one of the machine",
            "let a step make the venv, and keep other things out of its folder",
        )


def demand_venv(root: Path, folder: Path) -> None:
    """Raise PlayError unless a folder contains the ``pyvenv.cfg`` of an isolated venv.

    Without ``pyvenv.cfg``, the folder is not a venv (PEP 405), and packages would be installed
    beside the Python to which the link in the folder leads.
    """
    settings = folder / "pyvenv.cfg"
    is_there = settings.is_file() and not settings.is_symlink()
    if not (is_there and _KEEPS_OUT.search(settings.read_text("utf-8", "replace"))):
        raise PlayError(
            f"{folder.relative_to(root)} has the Python of a venv, and no pyvenv.cfg that keeps "
            "the packages of the machine out",
            "let the step before it create the venv again",
        )


def _has_python(folder: Path) -> bool:
    return any(path.is_file() for name in PYTHONS for path in folder.glob(f"{name}*"))
