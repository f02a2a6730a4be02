"""Invalid and malicious wheels, installed by pip, uv and the reference installer."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from .hostile_wheels import ABSOLUTE, FILENAME, HOSTILE, HostileWheel
from .installing import INSTALLERS, Installed, install

pytestmark = pytest.mark.usefixtures("releases_can_be_had")


class _Handler(SimpleHTTPRequestHandler):
    """Serves files without a log."""

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    """Serve the folder ``index`` on loopback, and return the URL of its simple pages."""
    handler = partial(_Handler, directory=str(tmp_path / "index"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/simple"
        server.shutdown()
        thread.join()


def publish(hostile: HostileWheel, folder: Path) -> None:
    """Write a simple page and the wheel that it lists."""
    page = folder / "simple" / "demo"
    page.mkdir(parents=True)
    (page / FILENAME).write_bytes(hostile.data)
    announced = ""
    if hostile.metadata is not None:
        (page / f"{FILENAME}.metadata").write_bytes(hostile.metadata)
        announced = ' data-core-metadata="true"'
    (page / "index.html").write_text(f'<a href="{FILENAME}"{announced}>{FILENAME}</a>')


def starts(installed: Installed) -> bool:
    """Return whether the venv's Python still starts."""
    try:
        done = subprocess.run([installed.python, "-I", "-c", ""], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


def escaped(folder: Path) -> list[Path]:
    """Return the files in this folder that a wheel wrote outside the venv and the cache."""
    found = [*folder.rglob("*escape*"), Path(ABSOLUTE, "escape.py")]
    inside = (folder / "venv", folder / "cache")
    return [it for it in found if it.exists() and not any(map(it.is_relative_to, inside))]


@pytest.mark.parametrize("installer", INSTALLERS)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_wheels_are_refused_or_stay_within_the_venv(
    name: str, installer: str, index: str, tmp_path: Path
) -> None:
    """Each installer refuses or installs a wheel as expected, and no file escapes the venv."""
    hostile = HOSTILE[name]
    publish(hostile, tmp_path / "index")
    installed = install(installer, ["--index-url", index, "demo"], tmp_path)
    is_installed = installed.code == 0
    assert is_installed == (installer in hostile.installed_by), installed.output
    assert starts(installed) == (installer not in hostile.harms)
    assert not [path for path in installed.site.rglob("*") if path.is_symlink()]
    assert not escaped(tmp_path)
    if installer == "reference" and not is_installed:
        assert "Traceback" not in installed.output
        assert not list(installed.site.glob("demo*"))
