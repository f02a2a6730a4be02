"""The adapter for devpi-server, with one index whose files can be replaced."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin

import httpx

from pytest_indexcache.errors import CapabilityError, PlayError
from pytest_indexcache.messages import JSON_V1
from pytest_indexcache.run.interop.servers.processes import free_port, running
from pytest_indexcache.run.interop.servers.provisioning import (
    provision_server,
    release_of,
    scripts_of,
)
from pytest_indexcache.run.interop.servers.server import ServedFile

NAME: Final = "devpi"
DISTRIBUTION: Final = "devpi-server"
_INDEX: Final = "root/dev"
_SECONDS: Final = 60.0
_HINT: Final = "look at the log of devpi-server, or try release 6.20.3"


class Devpi:
    """The adapter for devpi-server; ``release`` is a version, or empty for the latest."""

    name = NAME

    def __init__(self, home: Path, release: str = "") -> None:
        pin = f"{DISTRIBUTION}=={release}" if release else DISTRIBUTION
        venv = provision_server(home, (pin,))
        self.version = release_of(venv, DISTRIBUTION)
        self._scripts = scripts_of(venv)

    @contextmanager
    def start(self, folder: Path, users: Mapping[str, str]) -> Iterator[DevpiIndex]:
        """Run devpi-server with an empty index; see ServerAdapter."""
        if users:
            raise CapabilityError(NAME, "without a plugin everybody may read its indexes")
        state = str(folder / "state")
        init = [str(self._scripts / "devpi-init"), "--serverdir", state, "--no-root-pypi"]
        done = subprocess.run(init, capture_output=True, check=False, timeout=_SECONDS)
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace")[-400:]
            raise PlayError(f"devpi-init failed: {said}", "look at its folder in INDEXCACHE_HOME")
        port = str(free_port())
        command = [str(self._scripts / "devpi-server"), "--serverdir", state, "--port", port]
        base = f"http://127.0.0.1:{port}"
        command += ["--host", "127.0.0.1", "--offline-mode"]
        with (
            running(command, folder, f"{base}/+api"),
            httpx.Client(base_url=base, timeout=_SECONDS, trust_env=False) as http,
        ):
            index = DevpiIndex(f"{base}/{_INDEX}/+simple/", http)
            index.create()
            yield index


@dataclass(frozen=True)
class DevpiIndex:
    """A running devpi-server; see RunningServer."""

    url: str
    http: httpx.Client

    def create(self) -> None:
        """Log in and create the index as volatile, which allows its files to be replaced."""
        login = self._send("POST", "/+login", json={"user": "root", "password": ""})
        token = login.json()["result"]["password"]
        secret = base64.b64encode(f"root:{token}".encode()).decode()
        self.http.headers["X-Devpi-Auth"] = secret
        self._send("PUT", f"/{_INDEX}", json={"type": "stage", "bases": [], "volatile": True})

    def put(self, file: ServedFile) -> None:
        """Upload a file."""
        kind = "bdist_wheel" if file.filename.endswith(".whl") else "sdist"
        data = {":action": "file_upload", "name": file.project, "version": file.version}
        data |= {"filetype": kind, "metadata_version": "2.1"}
        data |= {"requires_python": file.requires_python} if file.requires_python else {}
        self._send(
            "POST", f"/{_INDEX}/", data=data, files={"content": (file.filename, file.content)}
        )

    def remove(self, file: ServedFile) -> None:
        """Delete a file at the URL that the simple page gives for it."""
        page = self._send("GET", f"/{_INDEX}/+simple/{file.project}/", json_page=True).json()
        places = {each["filename"]: each["url"] for each in page["files"]}
        base = f"{self.url}{file.project}/"
        self._send("DELETE", urljoin(base, places[file.filename]).partition("#")[0])

    def yank(self, file: ServedFile, reason: str | None) -> None:  # noqa: ARG002
        """Raise CapabilityError, because devpi supports yanked files only on mirrors."""
        raise CapabilityError(NAME, f"it cannot yank {file.filename} (PEP 592)")

    def _send(
        self, method: str, url: str, *, json_page: bool = False, **body: Any
    ) -> httpx.Response:
        accept = JSON_V1 if json_page else "application/json"
        try:
            response = self.http.request(method, url, headers={"Accept": accept}, **body)
        except httpx.HTTPError as error:
            raise PlayError(f"devpi did not answer {method} {url}: {error}", _HINT) from error
        if response.is_error:
            text = f"devpi refused {method} {url}: {response.status_code} {response.text[:200]}"
            raise PlayError(text, _HINT)
        return response
