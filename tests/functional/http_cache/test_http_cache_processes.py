"""Several processes share a cache folder, and some of them are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_indexcache.messages import Headers, Request
from pytest_indexcache.reference.http_cache.caching import HttpCache
from pytest_indexcache.reference.http_cache.origin import HttpxOrigin, ResponseSource
from pytest_indexcache.reference.http_cache.response_store import ResponseStore
from pytest_indexcache.reference.http_cache.rules.cache_freshness import StoredResponse

from .scripted_server import Answer, ScriptedServer, serving

PIECE = bytes(range(256)) * 256

FETCH = """
import sys, pathlib
from pytest_indexcache.messages import Request
from pytest_indexcache.reference.http_cache.caching import HttpCache
from pytest_indexcache.reference.http_cache.origin import HttpxOrigin
from pytest_indexcache.reference.http_cache.response_store import ResponseStore
folder, url, rounds = sys.argv[1:]
cache, origin = HttpCache(pathlib.Path(folder), clock=lambda: 1.7e9), HttpxOrigin(trust_env=False)
for number in range(int(rounds)):
    body = cache.send(Request("GET", f"{url}/{number % 4}"), origin.send).read()
    assert body == bytes([number % 4]) * 400_000, (number, len(body))
    if number % 10 == 9:
        ResponseStore(pathlib.Path(folder)).clear()
origin.close()
"""

WRITE_HALF = """
import sys, pathlib, time
from pytest_indexcache.messages import Headers
from pytest_indexcache.reference.http_cache.rules.cache_freshness import StoredResponse
from pytest_indexcache.reference.http_cache.response_store import ResponseStore
head = StoredResponse(sys.argv[2], 200, Headers.of({"Cache-Control": "max-age=9"}), 0.0, 0.0)
writer = ResponseStore(pathlib.Path(sys.argv[1])).write(head)
for _ in range(64):
    writer.add(bytes(range(256)) * 256)
writer._file.flush()
print("half", flush=True)
time.sleep(60)
"""


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """Run a server whose bodies depend on the last digit of the URL."""

    def answer(request: Request) -> Answer:
        body = bytes([int(request.url[-1])]) * 400_000
        return Answer(fields={"Cache-Control": "max-age=600"}, body=body)

    with serving(answer) as running:
        yield running


def run(script: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a separate Python process."""
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", script, *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_two_processes_use_one_folder(server: ScriptedServer, tmp_path: Path) -> None:
    """Two processes read, write and clear one folder, and neither sees a partial response."""
    processes = [run(FETCH, str(tmp_path), server.url, "60") for _ in range(2)]
    outcomes = [process.communicate(timeout=60) for process in processes]
    assert [error for _, error in outcomes] == ["", ""]
    assert [process.returncode for process in processes] == [0, 0]
    assert len(server.requests) < 120


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL on Windows")
def test_a_killed_run_leaves_a_cache_that_works(server: ScriptedServer, tmp_path: Path) -> None:
    """A half-written response of a killed run is not used; the next run stores the response."""
    url = f"{server.url}/3"
    process = run(WRITE_HALF, str(tmp_path), url)
    assert process.stdout is not None
    assert process.stdout.readline() == "half\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.read_bytes().count(PIECE) for path in left] == [64]

    origin = HttpxOrigin(trust_env=False)
    cache = HttpCache(tmp_path, clock=lambda: 1.7e9)
    for expected in (ResponseSource.NETWORK, ResponseSource.STORE):
        response = cache.send(Request("GET", url), origin.send)
        assert response.source is expected
        assert response.read() == bytes([3]) * 400_000
    origin.close()


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL on Windows")
def test_a_run_killed_while_it_replaces_leaves_the_old_response(tmp_path: Path) -> None:
    """If a run is killed while it replaces a response, the old response stays complete."""
    url = "https://pypi.org/simple/torch/"
    store = ResponseStore(tmp_path)
    writer = store.write(StoredResponse(url, 200, Headers(), 0.0, 0.0))
    assert writer is not None
    writer.add(b"old")
    assert writer.commit()
    process = run(WRITE_HALF, str(tmp_path), url)
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    (found,) = store.find(url)
    body = found.open()
    assert body is not None
    assert b"".join(body.chunks(0, found.length)) == b"old"
