"""Core metadata from byte ranges of wheels, for indexes that do not announce it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from pytest_indexcache.errors import IndexResponseError, InvalidDistributionError
from pytest_indexcache.index.inprocess import mount
from pytest_indexcache.reference.words.selection import EVERYTHING

from .workplace import PYPI, Workplace, make_workplace

APP = {"1.0": {"padding": "300 KiB", "requires": ["lib"]}, "2.0": {"requires": ["lib>9"]}}


def silent(tmp_path: Path, **more: Any) -> Workplace:
    """Make a workplace whose index announces no core metadata."""
    packages = {"app": APP, "lib": {"1.0": {}}}
    table = {"url": PYPI, "metadata": False, "packages": packages, **more}
    return make_workplace(tmp_path, {"pypi": table})


def lock(place: Workplace, **options: Any) -> None:
    """Lock a project that requires app."""
    place.write_project("app")
    place.do("lock", **options)


def test_locking_downloads_no_wheel(tmp_path: Path) -> None:
    """Locking requests a part of each wheel; only a sync downloads whole wheels."""
    place = silent(tmp_path)
    lock(place)
    parts = ["GET wheel 206"] * 3
    assert place.requests() == ["GET page 200", *parts[:1], "GET page 200", *parts[1:]]
    place.do("sync")
    assert place.installed() == {"app": "1.0", "lib": "1.0"}
    assert place.downloads() == {"app": 1, "lib": 1}


def test_what_was_read_in_parts_is_recorded_of_its_index(tmp_path: Path) -> None:
    """Metadata from ranges is reused by the next resolution, until --refresh."""
    place = silent(tmp_path)
    lock(place)
    (place.project / "pylock.toml").unlink()
    place.requests()
    lock(place)
    lock(place, offline=True)
    assert place.requests() == []
    lock(place, refresh=EVERYTHING)
    assert place.requests().count("GET wheel 206") == 2


def test_a_wheel_that_is_here_is_not_asked_for(tmp_path: Path) -> None:
    """Metadata of a stored wheel is read from the store, without a range request."""
    place = silent(tmp_path, ranges=False)
    lock(place)
    place.ledger.clear()
    for record in (place.cache / "wheels").rglob("*.metadata"):
        record.unlink()
    lock(place, refresh=EVERYTHING)
    assert not [it for it in place.requests() if "wheel" in it]


@pytest.mark.parametrize("more", [{"ranges": False}, {"hashes": "none"}])
def test_a_wheel_that_comes_whole_comes_once(tmp_path: Path, more: dict[str, Any]) -> None:
    """A wheel is downloaded whole, and only once, if it has no hash or ranges are not supported."""
    place = silent(tmp_path, **more)
    lock(place)
    assert [it.is_range for it in place.ledger if it.subject.kind == "wheel"] == [
        not more.get("ranges", True),
        False,
        False,
    ]
    assert place.downloads() == {"app": 2, "lib": 1}
    place.do("sync")
    assert place.downloads() == {}


def test_a_wheel_that_a_url_names_comes_whole(tmp_path: Path) -> None:
    """A wheel that a requirement names by URL is downloaded whole, without range requests."""
    place = silent(tmp_path, **{"files-url": "https://files.example/"})
    url = "https://files.example/lib-1.0-py3-none-any.whl"
    place.do("install", requirements=[f"lib @ {url}"])
    assert place.requests() == ["GET wheel 200"]


class _Server(httpx.BaseTransport):
    """The indexes behind a server that alters the responses to range requests."""

    def __init__(self, place: Workplace, spoil: Callable[[httpx.Response], httpx.Response]) -> None:
        self._real = mount(place.indexes, record=place.ledger.append, clock=lambda: place.now)
        self._spoil = spoil

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the real indexes do, except to range requests."""
        response = self._real.handle_request(request)
        return self._spoil(response) if "Range" in request.headers else response


def _status(code: int) -> Callable[[httpx.Response], httpx.Response]:
    return lambda _: httpx.Response(code)


def _other_bytes(response: httpx.Response) -> httpx.Response:
    response.read()
    return httpx.Response(206, headers=response.headers, content=bytes(len(response.content)))


def _no_content_range(response: httpx.Response) -> httpx.Response:
    return httpx.Response(206, content=response.read())


def _cut(response: httpx.Response) -> httpx.Response:
    def body() -> Any:
        yield b"PK"
        raise httpx.RemoteProtocolError("peer closed connection")

    response.read()
    return httpx.Response(206, headers=response.headers, content=body())


def _start_for_end(response: httpx.Response) -> httpx.Response:
    body, total = response.read()[:100], response.headers["Content-Range"].partition("/")[2]
    headers = {"Content-Range": f"bytes 0-99/{total}"}
    return httpx.Response(206, headers=headers, content=body)


@pytest.mark.parametrize(
    "spoil",
    [
        *map(_status, (204, 304, 400, 403, 404, 405, 416, 500, 501)),
        _other_bytes,
        _no_content_range,
        _cut,
        _start_for_end,
    ],
)
def test_a_server_that_breaks_ranges_sends_whole_wheels(
    tmp_path: Path, spoil: Callable[[httpx.Response], httpx.Response]
) -> None:
    """If a server refuses ranges or answers them wrongly, whole wheels are used for locking."""
    place = silent(tmp_path)
    transport = _Server(place, spoil)
    place.write_project("app")
    place.do("lock", transport=transport)
    assert place.downloads() == {"app": 2, "lib": 1}


def test_an_error_is_no_refusal_of_ranges(tmp_path: Path) -> None:
    """A 401 to a range request is reported, and the whole wheel is not requested then."""
    place = silent(tmp_path)
    transport = _Server(place, _status(401))
    place.write_project("app")
    with pytest.raises(IndexResponseError, match="answered with status 401"):
        place.do("lock", transport=transport)
    assert place.downloads() == {}


def _another_wheel(response: httpx.Response) -> httpx.Response:
    """Answer with a wheel of lib that requires app, although the real one requires nothing."""
    if b"lib-1.0.dist-info/METADATA" not in response.read():
        return httpx.Response(405)
    other = io.BytesIO()
    metadata = "Metadata-Version: 2.1\nName: lib\nVersion: 1.0\nRequires-Dist: app<2\n"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("lib-1.0.dist-info/METADATA", metadata)
    length = len(other.getvalue())
    headers = {"Content-Range": f"bytes 0-{length - 1}/{length}"}
    return httpx.Response(206, headers=headers, content=other.getvalue())


def test_a_part_is_compared_with_the_wheel(tmp_path: Path) -> None:
    """A wheel is not installed if its metadata differs from that in an earlier range response."""
    place = silent(tmp_path)
    transport = _Server(place, _another_wheel)
    with pytest.raises(InvalidDistributionError, match="its dependencies differ from those in"):
        place.do("install", requirements=["lib"], transport=transport)
    assert place.installed() == {}
    place.do("install", requirements=["lib"], refresh=EVERYTHING)
    assert place.installed() == {"lib": "1.0"}
