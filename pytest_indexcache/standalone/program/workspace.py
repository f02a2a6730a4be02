"""The temporary folder of a play: its files, interpreters and venvs, and the environment."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any


class ScriptWorkspace:
    """The temporary folder of a play; ``pythons`` contains interpreters that the user named."""

    def __init__(self, data: dict[str, Any], root: Path, pythons: list[str]) -> None:
        self.root = root
        self.data = data
        self.pythons = [sys.executable, *pythons]
        for name in ("project", ".home/tmp", ".home/system/config/uv"):
            (root / name).mkdir(parents=True)
        (root / ".home/system/config/uv/uv.toml").touch()  # without it, uv reads /etc/uv/uv.toml
        (root / "ca.pem").write_text(data["ca"])
        self.write({**data["root_files"], **data["files"]})
        self.write_binaries(data["binaries"])

    def write(self, files: dict[str, str]) -> None:
        """Write files into the folder; an unchanged file keeps its modification time."""
        for name, text in files.items():
            path = self.root / name
            if path.is_file() and path.read_bytes() == text.encode("utf-8"):
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode("utf-8"))
            if name.startswith(".home/"):  # netrc refuses a file that others may read
                path.chmod(0o600)

    def write_binaries(self, files: dict[str, Any]) -> None:
        """Write binary files into the folder, and set their modification times where given.

        An unchanged file of a local project keeps its modification time.
        """
        for name, (text, moment, is_kept) in files.items():
            path, data = self.root / name, base64.b64decode(text)
            if is_kept and path.is_file() and path.read_bytes() == data:
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            if moment is not None:
                os.utime(str(path), (moment, moment))

    def edit(self, step: dict[str, Any]) -> None:
        """Apply a step's changes to files, some of which the installer may have written.

        :raises OSError: if a file does not exist, or does not contain the text to replace
        """
        for name, (old, new) in step.get("replaces", {}).items():
            text = (self.root / name).read_text(encoding="utf-8")
            if old not in text:
                raise OSError(f"{name} does not have the text {old!r} to replace")
            (self.root / name).write_text(text.replace(old, new), encoding="utf-8")
        for name in step.get("touches", ()):
            os.utime(str(self.root / name))
        for name in step.get("removes", ()):
            (self.root / name).unlink()

    def python(self, wanted: str) -> str:
        """Return the executable of the wanted version of Python.

        If ``wanted`` is empty, any version that the project allows is suitable.

        :raises OSError: if there is no suitable executable
        """
        excluded, why = self.data["excluded_pythons"], f"a step needs Python {wanted}"
        on_path = shutil.which("python" + ".".join(wanted.split(".")[:2])) if wanted else None
        for python in [*self.pythons, *([on_path] if on_path else [])]:
            version = _version_of(python)
            minor = ".".join(version.split(".")[:2])
            if f"{version}.".startswith(f"{wanted}.") if wanted else minor not in excluded:
                return python
            why = why if wanted else excluded[minor]
        raise OSError(f"{why}: name an executable by --python")

    def make_venv(self, place: Path, python: str) -> None:
        """Create a venv for an interpreter, unless a venv with the same Python version exists."""
        minor = ".".join(_version_of(python).split(".")[:2])
        if f"{venv_version(place)}.".startswith(f"{minor}."):
            return
        shutil.rmtree(str(place), ignore_errors=True)
        words = [python, "-I", "-m", "venv", "--without-pip", str(place)]
        if subprocess.run(words, check=False).returncode:
            raise OSError(f"{python} cannot make a venv")

    def bare_python(self, python: str) -> str:
        """Return the interpreter in an empty venv, so the machine's packages are not used."""
        place = self.root / ".home" / "pythons" / _version_of(python)
        self.make_venv(place, python)
        return str(place / ("Scripts" if os.name == "nt" else "bin") / "python")

    def environment(self, more: dict[str, str]) -> dict[str, str]:
        """Return the complete environment for a command; only PATH is inherited from the user."""
        home = self.root / ".home"
        places = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(home),
            "USERPROFILE": str(home),
            "TMPDIR": str(home / "tmp"),
            "TEMP": str(home / "tmp"),
            "XDG_CACHE_HOME": str(self.root / ".cache"),
            "XDG_CONFIG_HOME": str(home / ".config"),
            "XDG_CONFIG_DIRS": str(home / "system" / "config"),
            "XDG_DATA_HOME": str(home / ".local" / "share"),
            "GIT_CEILING_DIRECTORIES": str(self.root),
            "INDEXCACHE_BUILD_LOG": str(self.root / ".builds"),  # the recorded builds write it
        }
        netrc = {"NETRC": str(home / ".netrc")} if (home / ".netrc").is_file() else {}
        kept = {name: os.environ[name] for name in ("SYSTEMROOT", "PATHEXT") if name in os.environ}
        return {**kept, **self.data["environment"], **places, **netrc, **more}

    def builds(self) -> dict[str, int]:
        """Return how often each project has been built so far."""
        log = self.root / ".builds"
        lines = log.read_text(encoding="utf-8").splitlines() if log.is_file() else []
        projects = [line.split()[0] for line in lines if line.strip()]
        return {project: projects.count(project) for project in projects}


def venv_version(place: Path) -> str:
    """Return the Python version of a venv, or "" if there is no venv."""
    try:
        text = (place / "pyvenv.cfg").read_text(encoding="utf-8")
    except OSError:
        return ""
    found = re.search(r"^version(?:_info)?\s*=\s*([\d.]+\d)", text, re.MULTILINE)
    return found[1] if found else ""


def _version_of(python: str) -> str:
    """Return an interpreter's version, such as ``3.12.4``."""
    program = "import platform; print(platform.python_version())"
    words = [python, "-I", "-c", program]
    ended = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return ended.stdout.decode().strip()
