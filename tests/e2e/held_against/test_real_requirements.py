"""Real requirement sets, installed with the same files by pip, uv and the reference installer."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from .installing import INSTALLERS, install

pytestmark = pytest.mark.usefixtures("releases_can_be_had", "reachable_index")

SETS: Final = {
    "pure Python, and an extra": ["requests[socks]"],
    "entry points": ["flask", "httpx[http2]"],
    "wheels of a platform": ["pyyaml", "cffi", "markupsafe"],
    "files of data, and an older release": ["jupyter-core", "platformdirs<4.4"],
}

_OWN_FILES: Final = frozenset(
    {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "indexcache_origin.json"}
)
"""Files of dist-info in which an installer records its own actions (PEP 376, PEP 610).

RECORD is one of them, because it lists the others and the installer's own launchers, in any order.
"""

_OF_THE_VENV: Final = frozenset({"pyvenv.cfg", ".lock"})
"""Files that virtualenv and uv write in the folder of the venv itself."""

_SETTINGS: Final = ("PIP_CERT", "PIP_CLIENT_CERT", "PIP_PROXY", "PIP_DEFAULT_TIMEOUT")
"""The variables needed to reach the index; other settings of installers are left out."""


@pytest.mark.parametrize("asked", SETS.values(), ids=SETS)
def test_real_requirements_are_installed_alike(
    asked: list[str], reachable_index: str, tmp_path: Path
) -> None:
    """Each installer chooses the same releases, and writes the same files."""
    found = []
    for installer in INSTALLERS:
        words = ["--index-url", reachable_index, *asked]
        installed = install(installer, words, tmp_path, dict(_machine_variables()))
        assert installed.code == 0, installed.output
        found.append(dict(_describe_files(installed.venv)))
        # The next venv has the same path, so that scripts can have the same first line.
        installed.venv.rename(tmp_path / f"venv-{installer}")
    by_pip, by_uv, by_reference = found
    assert len(by_pip) > 20
    assert by_uv == by_pip
    assert by_reference == by_pip


def _machine_variables() -> Iterator[tuple[str, str]]:
    for name, value in os.environ.items():
        if not name.startswith(("PIP_", "UV_")) or name in _SETTINGS:
            yield name, value


def _describe_files(venv: Path) -> Iterator[tuple[str, object]]:
    """Yield the path, mode and bytes of each file that came from a wheel."""
    for path in sorted(venv.rglob("*")):
        place = path.relative_to(venv)
        if path.is_dir() or path.suffix == ".pyc" or place.as_posix() in _OF_THE_VENV:
            continue
        if path.parent.suffix == ".dist-info" and path.name in _OWN_FILES:
            continue
        is_executable = os.access(path, os.X_OK)
        if place.parts[0] in ("bin", "Scripts"):
            yield place.as_posix(), (is_executable, _entry_point(path))
        else:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            yield place.as_posix(), (is_executable, digest)


def _entry_point(script: Path) -> tuple[str, ...]:
    """Return the first line of a launcher and its import; other lines differ by installer."""
    text = script.read_bytes().decode(errors="replace")
    imported = re.findall(r"^from ([\w.]+) import (\w+)", text, re.MULTILINE)
    return (text.partition("\n")[0], *map(".".join, imported))
