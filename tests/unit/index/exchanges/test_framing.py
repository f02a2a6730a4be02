"""The framing of a response: its fields, Content-Length, and the end of its body."""

from __future__ import annotations

import pytest

from pytest_indexcache.index.exchanges.framing import frame
from pytest_indexcache.messages import BytesContent, Delivery, Headers, Response

TEN = BytesContent(b"0123456789")


def framed(
    method: str = "GET",
    status: int = 200,
    fields: tuple[tuple[str, str], ...] = (),
    cut_after: int | None = None,
) -> tuple[tuple[tuple[str, str], ...], int, int]:
    """Frame a body of ten bytes; return the fields, the announced length, and the body's end."""
    delivery = Delivery(cut_after=cut_after)
    framing = frame(method, Response(status, Headers(fields), TEN, delivery))
    return framing.headers.fields, framing.announced, framing.stop


def test_length_is_added_where_there_is_none() -> None:
    """A missing Content-Length is added after the header fields of the index."""
    assert framed(fields=(("ETag", "1"),)) == ((("ETag", "1"), ("Content-Length", "10")), 10, 10)


@pytest.mark.parametrize(("length", "stop"), [("4", 4), ("10", 10), ("12", 10), ("many", 10)])
def test_length_of_the_index_is_left_alone(length: str, stop: int) -> None:
    """A given Content-Length limits the bytes that are sent; an invalid one is sent unchanged."""
    fields = (("content-length", length),)
    announced = int(length) if length.isdigit() else 10
    assert framed(fields=fields) == (fields, announced, stop)


@pytest.mark.parametrize("status", [204, 304])
def test_status_without_content_has_no_body_and_no_length(status: int) -> None:
    """A 204 and a 304 have no body and no Content-Length (RFC 9110 §15.3.5 and §15.4.5)."""
    assert framed(status=status) == ((), 0, 0)


def test_head_has_a_length_and_no_body() -> None:
    """The answer to HEAD has Content-Length and no body, however it is sent (RFC 9110 §9.3.2)."""
    assert framed("HEAD", cut_after=3) == ((("Content-Length", "10"),), 0, 0)


@pytest.mark.parametrize("coding", ["chunked", "gzip, Chunked"])
def test_chunked_body_has_no_length(coding: str) -> None:
    """A chunked body has no Content-Length, and is sent completely (RFC 9112 §6.2)."""
    fields = (("Content-Length", "4"), ("Transfer-Encoding", coding))
    assert framed(fields=fields) == (fields[1:], 10, 10)


@pytest.mark.parametrize(("cut_after", "stop"), [(0, 0), (3, 3), (10, 10), (99, 10)])
def test_cut_stops_the_body_early(cut_after: int, stop: int) -> None:
    """A cut body keeps its Content-Length, and a cut beyond the end has no effect."""
    assert framed(cut_after=cut_after) == ((("Content-Length", "10"),), 10, stop)


def test_line_breaks_in_values_become_spaces() -> None:
    """CR, LF and NUL within a value are replaced by a space (RFC 9110 §5.5)."""
    assert framed(fields=(("X", "a\r\nB: c\0"),))[0][0] == ("X", "a  B: c ")
