"""Run a server on a free loopback port until a ``with`` block ends."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx

from pytest_indexcache.errors import PlayError

SECONDS_TO_START: Final = 90.0
SECONDS_TO_END: Final = 20.0
_LOG: Final = "server.log"
_SHOWN: Final = 400


def free_port() -> int:
    """Return an unused loopback port."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@contextmanager
def running(command: Sequence[str], folder: Path, url: str) -> Iterator[None]:
    """Run a server in a folder until the ``with`` block ends.

    The block begins as soon as a URL of the server answers.

    :raises PlayError: if the server exits, or does not answer in time
    """
    with (folder / _LOG).open("wb") as log:
        # the user's settings, such as proxies, must not affect the server
        variables = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**variables, "NO_PROXY": "*"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for(process, url, folder / _LOG)
            yield
        finally:
            _end(process)


def _wait_for(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end and process.poll() is None:
        try:
            httpx.get(url, timeout=5, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    said = log.read_text("utf-8", "replace").strip()[-_SHOWN:]
    raise PlayError(
        f"the server does not answer at {url}: {said}", "check that no other process uses the port"
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
