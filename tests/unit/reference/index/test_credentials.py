"""Credentials from URLs, from the index of a URL, and from the user's netrc file."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path

import pytest

from pytest_indexcache.errors import IndexResponseError
from pytest_indexcache.reference.index.credentials import Credentials, netrc_file_of

NETRC = "machine a.example login joe password s3cret\nmachine b.example login token\n"


@pytest.fixture
def netrc_file(tmp_path: Path) -> Path:
    """Return a netrc file with two hosts, one of them without a password."""
    file = tmp_path / ".netrc"
    file.write_text(NETRC)
    return file


def said(authorization: str | None) -> str | None:
    """Return the decoded value of Authorization."""
    return None if authorization is None else b64decode(authorization.split()[1]).decode()


@pytest.mark.parametrize(
    ("url", "index", "expected"),
    [
        ("https://u:p%2F@a.example/x", None, "u:p/"),
        ("https://a.example/x", "https://i:x@a.example/simple", "i:x"),
        ("https://a.example/x", "https://i:x@c.example/simple", "joe:s3cret"),
        ("https://a.example:8443/x", None, "joe:s3cret"),
        ("https://c.example/x", None, None),
        ("https://a.example.evil.example/x", None, None),
    ],
)
def test_the_url_goes_first_and_the_netrc_file_last(
    netrc_file: Path, url: str, index: str | None, expected: str | None
) -> None:
    """Credentials come from the URL, then the index, then netrc, and never from another host."""
    bare, authorization = Credentials(netrc_file).split(url, index)
    assert "@" not in bare
    assert said(authorization) == expected
    if expected == "joe:s3cret":
        assert Credentials().split(url, index)[1] is None


@pytest.mark.parametrize("text", ["machine", "machine a.example login \xff", None])
def test_file_that_cannot_be_read_has_nobody_in_it(tmp_path: Path, text: str | None) -> None:
    """An unreadable netrc file counts as empty."""
    file = tmp_path / "netrc"
    if text is not None:
        file.write_bytes(text.encode("latin-1"))
    assert Credentials(file).split("https://c.example/x", None)[1] is None


def test_file_is_found_as_curl_finds_it(netrc_file: Path, tmp_path: Path) -> None:
    """The netrc file is the one that NETRC names, or else the one in the home folder."""
    assert netrc_file_of({"HOME": str(tmp_path)}) == netrc_file
    assert netrc_file_of({"HOME": str(tmp_path), "NETRC": "/x"}) == Path("/x")
    assert netrc_file_of({"HOME": str(tmp_path / "empty")}) is None
    assert netrc_file_of({}) is None


def test_url_that_is_none_is_told(netrc_file: Path) -> None:
    """The error for a URL with an invalid port names the index."""
    with pytest.raises(IndexResponseError, match="is not a URL"):
        Credentials(netrc_file).split("https://a.example:99999/x", None)
