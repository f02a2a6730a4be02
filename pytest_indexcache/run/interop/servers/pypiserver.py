"""The adapter for pypiserver, which serves the files in a folder."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_indexcache.errors import CapabilityError
from pytest_indexcache.run.interop.servers.processes import free_port, running
from pytest_indexcache.run.interop.servers.provisioning import (
    provision_server,
    release_of,
    scripts_of,
)
from pytest_indexcache.run.interop.servers.server import ServedFile
from pytest_indexcache.system.atomic_files import write_atomically

NAME: Final = "pypiserver"


class Pypiserver:
    """The adapter for pypiserver; ``release`` is a version, or empty for the latest."""

    name = NAME

    def __init__(self, home: Path, release: str = "") -> None:
        pin = f"{NAME}=={release}" if release else NAME
        venv = provision_server(home, (pin, "passlib"))
        self.version = release_of(venv, NAME)
        self._program = str(scripts_of(venv) / "pypi-server")

    @contextmanager
    def start(self, folder: Path, users: Mapping[str, str]) -> Iterator[PackageFolder]:
        """Run pypiserver on an empty package folder; see ServerAdapter."""
        packages = folder / "packages"
        packages.mkdir()
        port = str(free_port())
        command = [self._program, "run", "-i", "127.0.0.1", "-p", port, "--disable-fallback"]
        if users:
            passwords = folder / "htpasswd"
            lines = "".join(f"{name}:{_sha(text)}\n" for name, text in users.items())
            passwords.write_text(lines, "utf-8")
            command += ["-P", str(passwords), "-a", "update,download,list"]
        url = f"http://127.0.0.1:{port}/simple/"
        # it caches its list of files, unless this option disables that
        with running([*command, "--backend", "simple-dir", str(packages)], folder, url):
            yield PackageFolder(url, packages)


@dataclass(frozen=True)
class PackageFolder:
    """A running pypiserver; see RunningServer."""

    url: str
    packages: Path

    def put(self, file: ServedFile) -> None:
        """Write a file."""
        write_atomically(self.packages / file.filename, file.content)

    def remove(self, file: ServedFile) -> None:
        """Delete a file."""
        (self.packages / file.filename).unlink()

    def yank(self, file: ServedFile, reason: str | None) -> None:  # noqa: ARG002
        """Raise CapabilityError, because pypiserver's pages do not show yanked files."""
        raise CapabilityError(NAME, f"it cannot yank {file.filename} (PEP 592)")


def _sha(password: str) -> str:
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).digest()
    return f"{{SHA}}{base64.b64encode(digest).decode()}"
