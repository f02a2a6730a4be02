"""Chunked bodies in the grammar of RFC 9112 §7.1, and ambiguous bodies."""

from __future__ import annotations

from io import BytesIO

import pytest

from pytest_indexcache.index.wire.chunked_bodies import chunks_of


@pytest.mark.parametrize(
    ("data", "body"),
    [
        (b"0\r\n\r\n", b""),
        (b"4\r\n0123\r\n0\r\n\r\n", b"0123"),
        (b"0004\r\n0123\r\n000\r\n\r\n", b"0123"),
        (b"A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", b"0123456789" * 2),
        (b"1\r\n\n\r\n0\r\n\r\n", b"\n"),
        (b'1;a;b=c ; d="e;\\"f"\r\nx\r\n0;last\r\n\r\n', b"x"),
        (b"1\r\nx\r\n0\r\nTrailer: 1\r\nOther:\r\n\r\n", b"x"),
    ],
)
def test_chunks_are_joined_and_what_follows_is_left(data: bytes, body: bytes) -> None:
    """Extensions and trailers are skipped, and bytes after the body are not read."""
    stream = BytesIO(data + b"GET / HTTP/1.1\r\n")
    assert b"".join(chunks_of(stream)) == body
    assert stream.read() == b"GET / HTTP/1.1\r\n"


def test_large_chunk_comes_in_pieces() -> None:
    """A large chunk is read in pieces, and is not held in memory."""
    pieces = list(chunks_of(BytesIO(b"30000\r\n" + bytes(0x30000) + b"\r\n0\r\n\r\n")))
    assert sum(map(len, pieces)) == 0x30000
    assert len(pieces) == 3


@pytest.mark.parametrize(
    "data",
    [
        b"0x1\r\nx\r\n0\r\n\r\n",
        b"+1\r\nx\r\n0\r\n\r\n",
        b"-1\r\nx\r\n0\r\n\r\n",
        b"1_0\r\n0123456789abcdef\r\n0\r\n\r\n",
        b" 1\r\nx\r\n0\r\n\r\n",
        b"1 \r\nx\r\n0\r\n\r\n",
        b"\r\nx\r\n0\r\n\r\n",
        b"1\nx\r\n0\r\n\r\n",
        b"1\rx\r\n0\r\n\r\n",
        b"1\r\r\nx\r\n0\r\n\r\n",
        b"1\0\r\nx\r\n0\r\n\r\n",
        b"\xb2\r\nx\r\n0\r\n\r\n",
        b"10000000000000000\r\nx\r\n0\r\n\r\n",
        b"1;\r\nx\r\n0\r\n\r\n",
        b"1;a\nb\r\nx\r\n0\r\n\r\n",
        b'1;a="\r\nx\r\n0\r\n\r\n',
        b"1" * 5000 + b"\r\n",
        b"1\r\nxy\r\n0\r\n\r\n",
        b"1\r\nx\n0\r\n\r\n",
        b"2\r\nx\r\n0\r\n\r\n",
        b"0\r\nGET / HTTP/1.1\r\n\r\n",
        b"0\r\n\n",
        b"0\r\nA: 1\n\r\n",
        b"0\r\nA: 1\r\n folded\r\n\r\n",
        b"0\r\n" + b"A: 1\r\n" * 1000 + b"\r\n",
    ],
)
def test_chunks_that_two_readers_could_read_in_two_ways_are_refused(data: bytes) -> None:
    """A chunk size that is not hexadecimal, or a line without CRLF, raises ValueError."""
    with pytest.raises(ValueError, match="chunk"):
        list(chunks_of(BytesIO(data)))


@pytest.mark.parametrize(
    "data", [b"", b"4", b"4\r\n", b"4\r\n01", b"4\r\n0123", b"4\r\n0123\r", b"0\r\n", b"0\r\nA: 1"]
)
def test_client_that_leaves_within_a_chunked_body_has_asked_nothing(data: bytes) -> None:
    """A chunked body that breaks off anywhere raises ConnectionAbortedError."""
    with pytest.raises(ConnectionAbortedError):
        list(chunks_of(BytesIO(data)))
