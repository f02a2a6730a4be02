"""A test machine, whose index lists the releases of an installer that follows rules."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pytest_indexcache.cli import main
from pytest_indexcache.installers.provisioning.machine_index import machine_index

RELEASES = 40

SCENARIO = """\
title = "{title}"
issue = "https://example.org/issues/1"
[affected]
{affected}
[indexes.pypi]
url = "https://pypi.org/simple"
headers = "pytorch"
[indexes.pypi.packages]
six."{version}" = {{}}
[project]
dependencies = ["six"]
[[steps]]
do = "sync"
expect = {{ downloads = {{ six = 1 }} }}
[[steps]]
do = "remove-venv"
[[steps]]
name = "again"
do = "sync"
expect = {{ downloads = {{}} }}
"""


def page() -> str:
    """Return the simple page of ``ruled``: 1.0 to 1.39, one release a day from 2024-01-01."""
    links = [
        f'<a href="/ruled-1.{n}-py3-none-any.whl" data-upload-time="{day(n)}T12:00:00Z">'
        f"ruled-1.{n}-py3-none-any.whl</a>"
        for n in range(RELEASES)
    ]
    return f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>"


def day(minor: int) -> str:
    """Return the upload date of a release."""
    return f"2024-{1 + minor // 28:02}-{1 + minor % 28:02}"


def patched_page() -> str:
    """Return the simple page of ``patched``: four minor releases of ten patches, 1.0.0 to 1.3.9.

    Rules and upload days number these releases from 0 to 39.
    """
    links = [
        f'<a href="/patched-{patched(n)}-py3-none-any.whl" data-upload-time="{day(n)}T12:00:00Z">'
        f"patched-{patched(n)}-py3-none-any.whl</a>"
        for n in range(RELEASES)
    ]
    return f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>"


def patched(number: int) -> str:
    """Return the version of a release of ``patched``, given its number."""
    return f"1.{number // 10}.{number % 10}"


class _Index(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Send the pages of ``ruled`` and ``patched``, and 404 for any other path."""
        pages = {"/simple/ruled/": page, "/simple/patched/": patched_page}
        body = pages[self.path]().encode() if self.path in pages else None
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_: object) -> None:
        """Do not log requests."""


@pytest.fixture(scope="session")
def index_url() -> Iterator[str]:
    """Serve the index on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Index)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/simple"
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class Ended:
    """The exit code and the output of a command that has ended."""

    code: int
    out: str
    err: str


@dataclass
class Machine:
    """A test machine: a folder with a store and scenarios, and commands that are run in it."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    @property
    def store(self) -> Path:
        """The path of the store."""
        return self.folder / "home" / "plays.sqlite"

    def rule(self, rules: str) -> None:
        """Set the rules that releases follow from now on."""
        self.monkeypatch.setenv("RULES_OF_RULED", rules)

    def scenario(
        self,
        name: str = "report",
        *,
        affected: str = "",
        title: str = "A wheel comes once",
        version: str = "1.17.0",
    ) -> Path:
        """Write a scenario that every release passes, except releases with the rule ``bad``."""
        path = self.folder / f"{name}.toml"
        path.write_text(
            SCENARIO.format(title=title, affected=affected, version=version), encoding="utf-8"
        )
        return path

    def run(self, *arguments: str | Path) -> Ended:
        """Run ``indexcache`` in this process."""
        self.capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as stopped:
            code = int(stopped.code or 0)
        said = self.capsys.readouterr()
        return Ended(code, said.out, said.err)

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        """Start ``indexcache`` in its own process group, as a shell does."""
        return subprocess.Popen(
            [sys.executable, "-m", "pytest_indexcache.cli", *map(str, arguments)],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            process_group=0,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(self._search_path())},
        )

    def _search_path(self) -> list[str]:
        return [str(Path(__file__).parent), str(self.folder / "adapters")]


@pytest.fixture
def machine(
    tmp_path: Path,
    index_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Machine]:
    """Return a machine with the adapter of ``ruled`` and ``patched`` and an index for both."""
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", index_url)
    monkeypatch.setenv("INDEXCACHE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("WAITING_RULED", str(tmp_path / "waiting"))
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    for name in ("waiting", "tmp"):
        (tmp_path / name).mkdir()
    information = tmp_path / "adapters" / "ruled_adapter-1.0.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: ruled-adapter\nVersion: 1.0\n"
    )
    (information / "entry_points.txt").write_text(
        "[pytest_indexcache.installers]\nruled = ruled_installer:RuledInstaller\n"
        "patched = ruled_installer:RuledInstaller\n"
    )
    monkeypatch.syspath_prepend(Path(__file__).parent)
    monkeypatch.syspath_prepend(tmp_path / "adapters")
    monkeypatch.chdir(tmp_path)
    machine_index.cache_clear()
    yield Machine(tmp_path, capsys, monkeypatch)
    machine_index.cache_clear()
