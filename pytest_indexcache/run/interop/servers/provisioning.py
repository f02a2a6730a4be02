"""Install index servers from PyPI, each in its own venv."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from filelock import FileLock

from pytest_indexcache.errors import PlayError
from pytest_indexcache.system.atomic_files import remove_tree

FOLDER: Final = "servers"
"""The name of the folder for servers in INDEXCACHE_HOME."""

_SECONDS: Final = 600
_SHOWN: Final = 300


def provision_server(home: Path, requirements: tuple[str, ...]) -> Path:
    """Return the venv folder of a server, after installing the server if it is missing.

    The first requirement is the server itself. All requirements are downloaded from the index that
    pip is configured to use.

    :raises PlayError: if the server cannot be installed
    """
    folder = home / FOLDER / requirements[0].replace("==", "-")
    done = folder / "indexcache-complete.json"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not done.exists():
            remove_tree(folder)
            _run([sys.executable, "-m", "venv", str(folder)], requirements[0])
            pip = [str(scripts_of(folder) / "python"), "-m", "pip", "install", "--quiet"]
            _run([*pip, "--no-input", *requirements], requirements[0])
            done.write_text(json.dumps(requirements), "utf-8")
    return folder


def scripts_of(folder: Path) -> Path:
    """Return the folder with a venv's scripts."""
    return folder / ("Scripts" if os.name == "nt" else "bin")


def release_of(folder: Path, distribution: str) -> str:
    """Return the version of a distribution that is installed in a venv."""
    program = "import sys, importlib.metadata as m; print(m.version(sys.argv[1]))"
    command = [str(scripts_of(folder) / "python"), "-c", program, distribution]
    return _run(command, distribution).strip()


def _run(command: list[str], what: str) -> str:
    try:
        ended = subprocess.run(
            command, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PlayError(f"{what} cannot be installed: {error}", "check the network") from error
    if ended.returncode:
        said = ended.stderr.strip()[-_SHOWN:]
        raise PlayError(f"{what} cannot be installed: {said}", "check pip's index, and the name")
    return ended.stdout
