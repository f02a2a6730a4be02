"""Responses on the wire, the pieces in which they are sent, and the end of the body."""

from __future__ import annotations

from pytest_indexcache.index.wire.response_writer import ResponseWriter


def written(
    fields: list[tuple[str, str]], pieces: list[bytes], *, is_head: bool = False
) -> list[bytes]:
    """Write a response, and return the bytes of each send."""
    sent: list[bytes] = []
    writer = ResponseWriter(sent.append, is_head=is_head)
    writer.start("200 OK", fields)
    for piece in pieces:
        writer.write(piece)
    writer.end()
    return sent


def test_head_goes_with_the_first_piece() -> None:
    """Head and body of a small response are sent together."""
    assert written([("A", "1")], [b"ab", b"c"]) == [b"HTTP/1.1 200 OK\r\nA: 1\r\n\r\nab", b"c"]


def test_head_goes_alone_without_a_body() -> None:
    """For a response without a body, only the head is sent."""
    assert written([], []) == [b"HTTP/1.1 200 OK\r\n\r\n"]


def test_chunks_are_framed_and_ended() -> None:
    """Chunks have hexadecimal sizes, and an empty chunk ends them (RFC 9112 §7.1)."""
    sent = written([("Transfer-Encoding", "chunked")], [b"x" * 16, b"", b"y"])
    assert b"".join(sent).partition(b"\r\n\r\n")[2] == (
        b"10\r\n" + b"x" * 16 + b"\r\n1\r\ny\r\n0\r\n\r\n"
    )


def test_chunked_response_to_head_has_no_chunks() -> None:
    """A chunked answer to HEAD has no chunk, not even the final one."""
    sent = written([("Transfer-Encoding", "chunked")], [], is_head=True)
    assert sent == [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"]


def test_bytes_of_fields_go_out_as_they_are() -> None:
    """Each character of a header field is sent as one byte (PEP 3333)."""
    value = "é".encode().decode("latin-1")
    assert "é".encode() in written([("X", value)], [])[0]


def test_writer_tells_status_and_whether_the_connection_ends() -> None:
    """After a response with "Connection: close", the connection is closed."""
    writer = ResponseWriter(lambda _: None, is_head=False)
    assert (writer.status, writer.closes) == (None, False)
    writer.start("404 Not Found", [("connection", "Close")])
    assert (writer.status, writer.closes) == (404, True)
