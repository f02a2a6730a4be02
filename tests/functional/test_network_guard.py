"""The guard that stops provisioned installers from reaching other machines."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

import pytest

from pytest_indexcache.installers.processes.network_guard import NAME, keep_on_loopback
from pytest_indexcache.system.pythons.interpreter import running_interpreter
from pytest_indexcache.system.venvs.environment import Environment


@pytest.fixture(scope="module")
def venv(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Make a venv with the guard."""
    folder = tmp_path_factory.mktemp("venv")
    made = Environment.create(folder, running_interpreter(), folder.parent / "app-data")
    keep_on_loopback(folder)
    return made


def said(venv: Environment, code: str) -> str:
    """Run code in the venv; return the last line of its output."""
    command = [str(venv.python), "-I", "-c", f"import socket\n{code}"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return (done.stdout + done.stderr).strip().rpartition("\n")[2]


@pytest.mark.parametrize(
    "code",
    [
        "socket.create_connection(('192.0.2.1', 443), 0.1)",
        "socket.create_connection(('192.0.2.1.', 443), 0.1)",
        "socket.getaddrinfo('pypi.org', 443)",
        "socket.getaddrinfo(b'pypi.org', 443)",
        "socket.getaddrinfo('127.pypi.org', 443)",
        "socket.socket(socket.AF_INET6).connect(('2001:db8::1', 443))",
        "socket.socket(type=socket.SOCK_DGRAM).connect_ex(('192.0.2.1', 53))",
    ],
)
def test_other_machines_are_refused_by_name(venv: Environment, code: str) -> None:
    """The guard refuses connections to other machines, and lookups of their names."""
    line = said(venv, code)
    assert line.startswith("ConnectionRefusedError: indexcache: ")
    assert line.endswith(" was asked for past the proxy, which is refused")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_is_reached(venv: Environment, host: str) -> None:
    """The guard allows connections to loopback, where the gateway listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert said(venv, f"socket.create_connection(('{host}', {port}), 5); print('here')") == (
            "here"
        )


def test_other_services_of_this_machine_are_refused(
    venv: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If a proxy is set, the guard allows connections only to the proxy."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        other = server.getsockname()[1]
        code = f"socket.create_connection(('127.0.0.1', {other}), 5); print('here')"
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{other}")
        assert said(venv, code) == "here"
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
        assert f"127.0.0.1:{other} was asked for past the proxy" in said(venv, code)


def test_a_guard_of_another_day_is_replaced(venv: Environment) -> None:
    """An outdated guard in a venv is replaced by the current guard."""
    file = venv.site_packages / f"{NAME}.py"
    file.write_text("")
    keep_on_loopback(venv.folder)
    assert "was asked for past the proxy" in said(venv, "socket.getaddrinfo('pypi.org', 443)")


def test_a_folder_that_is_no_venv_is_left_alone(tmp_path: Path) -> None:
    """No guard is written into a folder that is not a venv."""
    keep_on_loopback(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_guard_is_written_once(venv: Environment) -> None:
    """The guard is not written again if the venv has it already."""
    file = venv.site_packages / f"{NAME}.py"
    before = file.stat().st_mtime_ns
    keep_on_loopback(venv.folder)
    assert file.stat().st_mtime_ns == before
