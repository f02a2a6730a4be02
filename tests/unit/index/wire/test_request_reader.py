"""Request targets, heads and bodies, valid and invalid."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_indexcache.index.wire.request_reader import (
    check_fields,
    check_request_line,
    read_body,
    read_head,
    request_url,
    tunnel_url,
)
from pytest_indexcache.messages import Headers

CHUNKED = Headers((("Transfer-Encoding", "chunked"),))


@pytest.mark.parametrize(
    ("target", "host", "scheme", "url"),
    [
        ("/a%2Bb?c=%20", "Index.Example", "https", "https://index.example/a%2Bb?c=%20"),
        ("//a//b", "index.example:443", "https", "https://index.example//a//b"),
        ("/", "index.example:80", "https", "https://index.example:80/"),
        ("/", "[::1]:8443", "https", "https://[::1]:8443/"),
        ("http://Index.Example:80/A%2fb", "other", "http", "http://index.example/A%2fb"),
        ("HTTP://index.example:8080", "other", "http", "http://index.example:8080/"),
        ("http://user:word@index.example/x", "other", "http", "http://index.example/x"),
        ("http://index.example?q", "other", "http", "http://index.example/?q"),
    ],
)
def test_url_is_made_of_target_and_host(target: str, host: str, scheme: str, url: str) -> None:
    """The URL keeps path and query unchanged; its host is in lower case, without port or user."""
    assert request_url(target, host, scheme) == url


@pytest.mark.parametrize(
    ("target", "host", "scheme"),
    [
        ("/x", "", "https"),
        ("/x", ":8080", "https"),
        ("/x", "index.example:port", "https"),
        ("/x", "[index.example", "https"),
        ("*", "index.example", "https"),
        ("x", "index.example", "https"),
        ("http://index.example/x", "index.example", "https"),
        ("https://index.example/x", "index.example", "http"),
        ("http:///x", "index.example", "http"),
        ("http://index.example:0/x", "index.example", "http"),
    ],
)
def test_target_that_is_no_url_is_refused(target: str, host: str, scheme: str) -> None:
    """A target without a host, or with another scheme, raises ValueError."""
    with pytest.raises(ValueError, match=r"\w"):
        request_url(target, host, scheme)


def test_tunnel_is_to_a_host_and_port() -> None:
    """The target of CONNECT becomes an origin with its port."""
    assert tunnel_url("Index.Example:443") == "https://index.example:443"
    assert tunnel_url("[::1]:8443") == "https://[::1]:8443"


@pytest.mark.parametrize(
    "target", ["x", ":443", "x:", "x:0", "x:99999", "x:y", "a/b:443", "u@x:443", "[x:443", "/:1"]
)
def test_tunnel_to_nowhere_is_refused(target: str) -> None:
    """A CONNECT target that is not a host and port raises ValueError."""
    with pytest.raises(ValueError, match=r"\w"):
        tunnel_url(target)


@given(st.text(), st.text(), st.sampled_from(["http", "https"]))
def test_any_target_is_a_url_or_refused(target: str, host: str, scheme: str) -> None:
    """Any target is either read as a URL of its scheme or raises ValueError."""
    try:
        assert request_url(target, host, scheme).startswith(f"{scheme}://")
    except ValueError:
        return


def test_head_is_read_to_its_empty_line() -> None:
    """A head is read to its empty line, and no further."""
    stream = BytesIO(b"A: 1\r\nB: 2\n\r\nbody")
    assert read_head(b"GET / HTTP/1.1\r\n", stream) == b"A: 1\r\nB: 2\n\r\n"
    assert stream.read() == b"body"


@pytest.mark.parametrize("rest", [b"", b"A: 1\r\n", b"A: 1\r\nB"])
def test_head_that_breaks_off_is_no_request(rest: bytes) -> None:
    """A head that breaks off is not taken for a request."""
    with pytest.raises(ConnectionAbortedError):
        read_head(b"GET / HTTP/1.1\r\n", BytesIO(rest))
    with pytest.raises(ConnectionAbortedError):
        read_head(b"GET / HT", BytesIO(rest))


@pytest.mark.parametrize("rest", [b"x" * 200_000, b"A: 1\r\n" * 10_000])
def test_head_without_end_is_read_so_far_and_no_further(rest: bytes) -> None:
    """A line or a head is not read beyond the limit."""
    stream = BytesIO(rest)
    read_head(b"GET / HTTP/1.1\r\n", stream)
    assert stream.tell() < 70_000


def test_body_is_read_whole_and_kept_in_part() -> None:
    """A body is read to its end even if only a part is kept, so that the next request is found."""
    stream = BytesIO(b"0123456789next")
    assert read_body(stream, Headers((("Content-Length", "10"),)), 4) == b"0123"
    assert stream.read() == b"next"
    stream = BytesIO(b"4\r\n0123\r\n6\r\n456789\r\n0\r\n\r\nnext")
    assert read_body(stream, CHUNKED, 6) == b"012345"
    assert stream.read() == b"next"


def test_request_without_a_length_has_no_body() -> None:
    """Without Content-Length and Transfer-Encoding a request has no body (RFC 9112 §6.3)."""
    assert read_body(BytesIO(b"next"), Headers(), 4) == b""


@pytest.mark.parametrize("length", ["-1", "many", "1, 1", "0x10", "\u0661"])
def test_length_that_is_no_number_is_refused(length: str) -> None:
    """A Content-Length with anything but digits raises ValueError."""
    with pytest.raises(ValueError, match="number"):
        read_body(BytesIO(b"0123"), Headers((("Content-Length", length),)), 4)


def test_body_that_breaks_off_is_no_request() -> None:
    """A request whose body breaks off is not taken for a request."""
    with pytest.raises(ConnectionAbortedError):
        read_body(BytesIO(b"0123"), Headers((("Content-Length", "10"),)), 4)


@given(st.binary(max_size=200))
def test_any_chunks_are_a_body_or_refused(data: bytes) -> None:
    """Chunks of any form are read as a body, or raise ValueError or ConnectionAbortedError."""
    try:
        assert len(read_body(BytesIO(data), CHUNKED, 1 << 20)) <= len(data)
    except (ValueError, ConnectionAbortedError):
        return


@pytest.mark.parametrize(
    ("lines", "version", "problem"),
    [
        (b"A: 1\r\n B\r\n\r\n", "HTTP/1.1", "continued on another line"),
        (b"A\r\n\r\n", "HTTP/1.1", "not a header field"),
        (b"A : 1\r\n\r\n", "HTTP/1.1", "not a header field"),
        (b"A: 1\rB: 2\r\n\r\n", "HTTP/1.1", "not a header field"),
        (b"Host: a\r\nhost: a\r\n\r\n", "HTTP/1.1", "more than one Host"),
        (b"transfer-encoding: chunked\r\n\r\n", "HTTP/1.0", "HTTP/1.0 has no"),
        (
            b"Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
            "HTTP/1.1",
            "exclude each other",
        ),
    ],
)
def test_head_that_can_be_read_in_two_ways_is_refused(
    lines: bytes, version: str, problem: str
) -> None:
    """Continued lines, invalid field lines and conflicting fields raise ValueError."""
    with pytest.raises(ValueError, match=problem):
        check_fields(lines, version)


def test_head_without_fields_is_right() -> None:
    """A head may have no fields, or any field that the grammar allows."""
    check_fields(b"\r\n", "HTTP/1.1")
    check_fields(b"A:\r\nB: \xff:\t\r\nHost: a\n\n", "HTTP/1.1")


@pytest.mark.parametrize("coding", ["xchunked", "gzip, chunked", "chunked, chunked", ""])
def test_transfer_coding_that_is_not_chunked_is_refused(coding: str) -> None:
    """A transfer coding other than chunked raises ValueError."""
    headers = Headers((("Transfer-Encoding", coding),))
    with pytest.raises(ValueError, match="not chunked"):
        read_body(BytesIO(), headers, 10)


@pytest.mark.parametrize(
    "line",
    [
        b"GET /\r\n",
        b"GET / HTTP/2.0\r\n",
        b"GET / HTTP/1.10\r\n",
        b"GET / HTTP/01.1\r\n",
        b"GET / http/1.1\r\n",
        b"GET  / HTTP/1.1\r\n",
        b"GET / x HTTP/1.1\r\n",
        b"GET\t/ HTTP/1.1\r\n",
        b"GET /\x0bHTTP/1.1\r\n",
        b"GET /\xa0 HTTP/1.1\r\n",
        b" GET / HTTP/1.1\r\n",
        b"GET / HTTP/1.1 \r\n",
        b"GET / HTTP/1.1\r\r\n",
        b"G(T / HTTP/1.1\r\n",
    ],
)
def test_request_line_with_other_whitespace_or_version_is_refused(line: bytes) -> None:
    """A request line must be method, target and version, separated by single spaces."""
    with pytest.raises(ValueError, match="request line"):
        check_request_line(line)
    check_request_line(b"GET / HTTP/1.1\r\n")
    check_request_line(b"CONNECT pypi.org:443 HTTP/1.0\n")
