"""Remote files that are read by range requests, and invalid responses to such requests."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from pytest_indexcache.errors import IndexResponseError
from pytest_indexcache.messages import Headers
from pytest_indexcache.reference.fetch.parts import open_parts, read_part
from pytest_indexcache.reference.http_cache.origin import StreamedResponse

CONTENT = bytes(range(256)) * 1024


def respond(data: bytes, part: tuple[int, int, int] | None, etag: str = '"1"') -> StreamedResponse:
    """Make the response for a part, given the first and last position and the total length."""
    headers = Headers.of({"ETag": etag})
    if part is not None:
        headers = headers.set("Content-Range", "bytes {}-{}/{}".format(*part))
    half = len(data) // 2
    chunks = iter((data[:half], data[half:]))
    return StreamedResponse(200 if part is None else 206, headers, chunks)


@dataclass
class Index:
    """An index with one file that answers ranges; ``asked`` lists the requested ranges."""

    content: bytes
    etag: str = '"1"'
    asked: list[str] = field(default_factory=list)

    @contextmanager
    def ask(self, wanted: str) -> Iterator[StreamedResponse]:
        """Answer a range request."""
        self.asked.append(wanted)
        first_text, _, last_text = wanted.removeprefix("bytes=").partition("-")
        total = len(self.content)
        first = int(first_text) if first_text else max(0, total - int(last_text))
        last = min(int(last_text), total - 1) if first_text else total - 1
        yield respond(self.content[first : last + 1], (first, last, total), self.etag)

    def open(self, end: int = 1000) -> io.BufferedReader:
        """Open the file by requesting its end."""
        with self.ask(f"bytes=-{end}") as response:
            return open_parts(self.ask, read_part(response, end))


def test_reads_what_is_there_and_asks_for_the_rest_once() -> None:
    """Reads near the end use bytes already loaded, and other reads request at most 16 KiB."""
    index = Index(CONTENT)
    file = index.open()
    file.seek(-1000, io.SEEK_END)
    assert file.read() == CONTENT[-1000:]
    assert index.asked == ["bytes=-1000"]
    file.seek(len(CONTENT) - 2000)
    assert file.read(1500) == CONTENT[-2000:-500]
    file.seek(5)
    assert file.read(10) == CONTENT[5:15]
    assert file.tell() == 15
    file.seek(100)
    assert file.read(10) == CONTENT[100:110]
    total = len(CONTENT)
    assert index.asked[1:] == [f"bytes={total - 2000}-{total - 1001}", f"bytes=5-{5 + 16383}"]
    file.seek(0)
    assert file.read() == CONTENT


def test_a_wheel_of_which_the_end_is_missing_costs_three_parts() -> None:
    """A wheel whose directory exceeds the first part is read by three range requests."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("app-1.0.dist-info/METADATA", "Name: app\n")
        for number in range(3000):
            archive.writestr(f"app/{number:0100}.py", b"\0" * 500)
    index = Index(data.getvalue())
    with index.open() as file, zipfile.ZipFile(file) as archive:
        assert archive.read("app-1.0.dist-info/METADATA") == b"Name: app\n"
    assert len(index.asked) == 3
    assert index.asked[2] == "bytes=0-16383"


@pytest.mark.parametrize(
    "response",
    [
        None,
        respond(b"12345", None),
        respond(b"12345", (0, 3, 10)),
        respond(b"123", (0, 3, 10)),
        respond(b"1" * 20, (0, 19, 20)),
    ],
)
def test_a_response_that_has_no_such_part_is_refused(response: StreamedResponse | None) -> None:
    """A range request that is answered with the whole file, or a wrong length, is refused."""
    with pytest.raises(IndexResponseError, match="does not answer ranges"):
        read_part(response, 10)


def test_an_end_that_is_not_the_end_is_refused() -> None:
    """A response to a suffix range is refused if its Content-Range is not the file's end."""
    part = read_part(respond(b"12345", (0, 4, 10)), 5)
    with pytest.raises(IndexResponseError, match="requested as the end of a file is not its end"):
        open_parts(Index(b"1234567890").ask, part)


@pytest.mark.parametrize(("etag", "more"), [('"2"', b""), ('"1"', b"!")])
def test_parts_of_a_file_that_changes_are_not_mixed(etag: str, more: bytes) -> None:
    """Parts with different validators or total lengths are not combined."""
    index = Index(CONTENT)
    file = index.open()
    index.etag, index.content = etag, CONTENT + more
    file.seek(0)
    with pytest.raises(IndexResponseError, match="it sent parts of different files"):
        file.read(10)


def test_no_more_is_asked_for_than_a_wheel_can_need() -> None:
    """A zip directory of more than 64 MiB is not read by range requests."""
    index = Index(bytes(70 << 20))
    file = index.open()
    file.seek(0)
    with pytest.raises(IndexResponseError, match="METADATA and the archive's directory take more"):
        file.read(69 << 20)
    assert index.asked == ["bytes=-1000"]
