"""A function that installs requirements from one index with pip, uv or the reference."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import virtualenv

from pytest_indexcache.installers.provisioning.provision import provision

RELEASES: Final = {"pip": "26.3", "uv": "0.13.9"}
"""The releases with which the reference installer is compared."""

INSTALLERS: Final = ("pip", "uv", "reference")


@dataclass(frozen=True)
class Installed:
    """The result of a command, and the venv that it created."""

    venv: Path
    code: int
    output: str

    @property
    def python(self) -> Path:
        """The venv's Python."""
        return self.venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    @property
    def site(self) -> Path:
        """The folder of the installed distributions."""
        return next(path for path in self.venv.rglob("site-packages") if path.is_dir())


def install(
    installer: str, words: list[str], folder: Path, variables: Mapping[str, str] | None = None
) -> Installed:
    """Install requirements in a new venv in a folder, without the settings of the user.

    ``variables`` are further environment variables, such as those that lead to an index.
    """
    venv = folder / "venv"
    options = ["--no-seed", "--no-periodic-update", "--app-data", str(folder / "seeds")]
    virtualenv.cli_run([*options, str(venv)], setup_logging=False)
    done = subprocess.run(
        [*_command(installer, venv), *words],
        cwd=folder,
        env={**(variables or {}), **_environment(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    return Installed(venv, done.returncode, done.stdout + done.stderr)


def _command(installer: str, venv: Path) -> list[str]:
    if installer == "reference":
        reference = [sys.executable, "-m", "pytest_indexcache.reference"]
        return [*reference, "install", "--venv", str(venv)]
    release = provision(installer, RELEASES[installer])
    if installer == "uv":
        return [str(release.executable), "pip", "install", "--python", str(venv)]
    return [str(release.executable), "--python", str(venv), "install", "--no-compile"]


def _environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder / "home"),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_CACHE_DIR": str(folder / "cache"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "UV_NO_CONFIG": "1",
        "UV_CACHE_DIR": str(folder / "cache"),
        "INDEXCACHE_CACHE_DIR": str(folder / "cache"),
    }
