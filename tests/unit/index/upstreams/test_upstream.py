"""URLs of a real index, and the URLs under which an installer requests them."""

from __future__ import annotations

import pytest

from pytest_indexcache.errors import UpstreamError
from pytest_indexcache.index.upstreams.upstream import Upstream

DEVPI = Upstream("pypi", "http://127.0.0.1:3141/root/pypi/+simple", "https://pypi.org/simple")


@pytest.mark.parametrize(
    ("installer", "real"),
    [
        ("https://pypi.org/simple/", "http://127.0.0.1:3141/root/pypi/+simple/"),
        ("https://pypi.org/simple", "http://127.0.0.1:3141/root/pypi/+simple"),
        ("https://pypi.org/simple/six/?a=b", "http://127.0.0.1:3141/root/pypi/+simple/six/?a=b"),
        ("https://pypi.org/root/+f/1/a.whl", "http://127.0.0.1:3141/root/+f/1/a.whl"),
        ("https://pypi.org/simpler/six/", "http://127.0.0.1:3141/simpler/six/"),
    ],
)
def test_moved_index_is_asked_at_the_same_place(installer: str, real: str) -> None:
    """In a URL below the index's folder, the folder is replaced; in other URLs, only the host."""
    assert DEVPI.inward(installer) == real
    assert DEVPI.outward(real) == installer


@pytest.mark.parametrize(
    "url", ["https://files.example/a.whl", "http://127.0.0.1:80/a.whl", "http://localhost:3141/a"]
)
def test_url_of_another_origin_stays(url: str) -> None:
    """A link to another host or port than the index's is not rewritten."""
    assert DEVPI.outward(url) == url


def test_index_at_its_own_url_moves_nothing() -> None:
    """Without another URL for installers, requests are forwarded unchanged."""
    own = Upstream("pypi", "https://pypi.org/simple/")
    assert not own.is_moved
    assert own.inward("https://pypi.org/simple/six/") == "https://pypi.org/simple/six/"


@pytest.mark.parametrize(
    ("url", "project"),
    [
        ("https://pypi.org/simple/six/", "six"),
        ("https://pypi.org/simple/six", "six"),
        ("https://pypi.org/simple/", ""),
        ("https://pypi.org/simple", ""),
        ("https://pypi.org/simple/six/a.whl", ""),
        ("https://pypi.org/six/", ""),
    ],
)
def test_page_is_known_by_its_place(url: str, project: str) -> None:
    """The project of a page is the path segment after the index's folder."""
    assert DEVPI.project(url) == project


def test_credentials_are_kept_apart() -> None:
    """Credentials in a URL are sent as a header field, and never printed."""
    upstream = Upstream("main", "https://joe:s%40fe@index.example/simple")
    assert upstream.authorization == "Basic am9lOnNAZmU="
    assert upstream.url == "https://index.example/simple/"
    assert "fe" not in repr(upstream).replace("index.example", "")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://index.example/simple",
        "file:///srv/simple",
        "https:///simple",
        "http://index.example:0/simple",
        "http://index.example:port/simple",
        "http://index.example/simple?page=1",
        "http://[::1/simple",
        "",
    ],
)
def test_url_that_cannot_be_asked_is_refused(url: str) -> None:
    """A URL that is not the http or https URL of a folder is refused with the reason."""
    with pytest.raises(UpstreamError, match="index 'main' cannot be asked at"):
        Upstream("main", url)
    with pytest.raises(UpstreamError):
        Upstream("main", "https://pypi.org/simple", url or "https:")
