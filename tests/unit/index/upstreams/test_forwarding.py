"""Messages that are forwarded to a real server, and its responses."""

from __future__ import annotations

import gzip

import pytest

from pytest_indexcache.index.upstreams.forwarding import decoded_body, end_to_end
from pytest_indexcache.messages import BytesContent, Headers, Response


def test_hop_by_hop_fields_go_no_further() -> None:
    """Hop-by-hop fields, and fields named in Connection, are removed (RFC 9110 7.6.1)."""
    fields = {
        "Connection": "close, X-Own",
        "Keep-Alive": "timeout=5",
        "X-Own": "1",
        "Proxy-Authorization": "Basic eA==",
        "TE": "trailers",
        "Transfer-Encoding": "chunked",
        "Upgrade": "h2c",
        "Range": "bytes=0-1",
        "If-None-Match": '"a"',
        "Authorization": "Basic eQ==",
    }
    kept = end_to_end(Headers.of(fields))
    assert [name for name, _ in kept] == ["Range", "If-None-Match", "Authorization"]


@pytest.mark.parametrize(
    ("coding", "body", "expected"),
    [
        (None, b"page", b"page"),
        ("identity", b"page", b"page"),
        ("gzip", gzip.compress(b"page", mtime=0), b"page"),
        ("X-GZIP", gzip.compress(b"page", mtime=0), b"page"),
        ("gzip", b"no gzip", None),
        ("br", b"\x0b\x01\x80page\x03", None),
        ("gzip, gzip", b"", None),
    ],
)
def test_body_is_decoded_to_be_read(
    coding: str | None, body: bytes, expected: bytes | None
) -> None:
    """A body is decoded before it is read; a body with an invalid coding is read as None."""
    headers = Headers() if coding is None else Headers.of({"Content-Encoding": coding})
    assert decoded_body(Response(200, headers, BytesContent(body))) == expected
