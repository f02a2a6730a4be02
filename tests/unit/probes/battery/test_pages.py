"""Untrusted simple pages, read by the probe."""

from __future__ import annotations

import gzip

import pytest

from pytest_indexcache.messages import Headers
from pytest_indexcache.probes.battery.asking import ServerAnswer
from pytest_indexcache.probes.battery.pages import read_page

JSON = "application/vnd.pypi.simple.v1+json"


def answer(body: bytes, kind: str = JSON, **fields: str) -> ServerAnswer:
    """Return an answer with a type and further fields."""
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    return ServerAnswer(200, Headers.of({"Content-Type": kind, **named}), body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no JSON",
        b"[1]",
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_text_that_is_no_page_is_none(body: bytes) -> None:
    """A body that is announced as JSON, but is not valid JSON, is not read as a page."""
    assert read_page(answer(body)) is None


@pytest.mark.parametrize(
    "body",
    [
        b'{"files": 1, "meta": 2}',
        b'{"files": [1, null, "x"], "meta": null}',
        b'{"files": [{"filename": 3, "url": null, "hashes": "x"}]}',
    ],
)
def test_values_of_other_kinds_are_passed_over(body: bytes) -> None:
    """Keys whose values do not have the type in PEP 691 are ignored."""
    page = read_page(answer(body))
    assert page is not None
    assert all(not file.hashes for file in page.files)


def test_html_page_is_read() -> None:
    """Links, hashes, attributes and the version of the API are read from HTML."""
    page = read_page(
        answer(
            b'<meta name="pypi:repository-version" content="1.1">'
            b'<a href="six.whl#sha256=00" data-core-metadata="true" data-x>six.whl</a>',
            "text/html",
        )
    )
    assert page is not None
    assert page.version == "1.1"
    (file,) = page.files
    assert (file.filename, file.href, file.hashes) == ("six.whl", "six.whl", {"sha256": "00"})
    assert file.metadata == {"core-metadata": "true"}


def test_broken_gzip_is_an_empty_page() -> None:
    """A body that cannot be decompressed is read as a page without files."""
    packed = gzip.compress(b'<a href="x">x</a>')[:-12]
    page = read_page(answer(packed, "text/html", Content_Encoding="gzip"))
    assert page is not None
    assert page.files == ()
