"""Wheels on real indexes, of which only the necessary parts are requested."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from random import Random

import pytest

from pytest_indexcache.messages import BytesContent, Headers, Response
from pytest_indexcache.run.captures.real_metadata import metadata_in
from pytest_indexcache.run.captures.remote_files import open_remote

URL = "https://files.example/a/six-1.0-py3-none-any.whl"
TEXT = "Metadata-Version: 2.1\nName: six\nRequires-Dist: idna\n"


def _wheel(padding: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("six.py", Random(1).randbytes(padding))
        archive.writestr("six-1.0.dist-info/METADATA", TEXT)
    return stream.getvalue()


WHEEL = _wheel(1_000_000)


def _ranged(url: str, byte_range: str) -> Response:
    found = re.fullmatch(r"bytes=([0-9]+)-([0-9]+)", byte_range)
    if found is None:
        return _whole(url, byte_range)
    start, end = int(found[1]), min(int(found[2]), len(WHEEL) - 1)
    fields = Headers.of({"Content-Range": f"bytes {start}-{end}/{len(WHEEL)}"})
    return Response(206, fields, BytesContent(WHEEL[start : end + 1]))


def _whole(url: str, byte_range: str) -> Response:
    return Response(200, Headers.of({}), BytesContent(WHEEL))


def _odd_ranges(url: str, byte_range: str) -> Response:
    if not byte_range:
        return _whole(url, byte_range)
    return Response(206, Headers.of({"Content-Range": "bytes */7"}), BytesContent(b"abc"))


def _redirected(url: str, byte_range: str) -> Response:
    if url == URL:
        return Response(302, Headers.of({"Location": "/cdn/six-1.0-py3-none-any.whl?s=1"}))
    assert url == "https://files.example/cdn/six-1.0-py3-none-any.whl?s=1"
    return _ranged(url, byte_range)


@pytest.mark.parametrize(
    ("answer", "most"),
    [(_ranged, 140_000), (_redirected, 140_000), (_whole, 1_100_000), (_odd_ranges, 1_100_000)],
)
def test_metadata_of_a_remote_wheel(answer: Callable[[str, str], Response], most: int) -> None:
    """Metadata is read from the end of a wheel, or from the whole file without ranges."""
    sent = 0

    def ask(url: str, byte_range: str) -> Response:
        nonlocal sent
        response = answer(url, byte_range)
        sent += response.content.length
        return response

    file = open_remote(ask, URL, by_ranges=True)
    assert file is not None
    with file:
        assert metadata_in(file, "six-1.0-py3-none-any.whl") == TEXT
    assert sent <= most


@pytest.mark.parametrize("status", [302, 401, 404, 416, 502])
def test_file_that_is_not_sent(status: int) -> None:
    """A file that a server refuses, or redirects in a loop, cannot be opened."""
    fields = Headers.of({"Location": URL} if status == 302 else {})
    assert open_remote(lambda _u, _r: Response(status, fields), URL, by_ranges=True) is None


def test_range_that_is_not_sent_leaves_metadata_unknown() -> None:
    """If a server stops answering ranges, the metadata is unknown, and nothing is guessed."""

    def ask(url: str, byte_range: str) -> Response:
        return _ranged(url, byte_range) if byte_range.startswith("bytes=0-") else Response(503)

    file = open_remote(ask, URL, by_ranges=True)
    assert file is not None
    with file:
        assert metadata_in(file, "six-1.0-py3-none-any.whl") == ""
