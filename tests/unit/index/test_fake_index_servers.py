"""An index that behaves like a known server, with keys that override single answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.servers import load_profile, profile_names

from .asking import JSON, ask, body, file_url, one_index

URL = "https://index.example/a/simple"
PACKAGES = {"demo-lib": {"1.0": {"requires-python": ">=3.8", "files": [{}, {"kind": "sdist"}]}}}
WHEEL = "demo_lib-1.0-py3-none-any.whl"
LAST = {"Range": "bytes=-10"}


def served(server: str = "none", **keys: Any) -> FakeIndexes:
    """Make an index with a server's behaviour."""
    return one_index(URL, server=server, packages=PACKAGES, **keys)


def wheel(served: FakeIndexes, headers: Mapping[str, str] | None = None, **options: Any) -> Any:
    """Request the wheel."""
    return ask(served, file_url(served, WHEEL), headers, **options)


@pytest.mark.parametrize("server", profile_names())
def test_every_server_serves(server: str) -> None:
    """An index of each profile serves a page and a file."""
    index = served(server)
    assert ask(index, f"{URL}/demo-lib/", {"Accept": "text/html"}).status == 200
    response = wheel(index)
    redirect = load_profile(server).index.get("answers", {}).get("redirect", 200)
    assert response.status == redirect


@pytest.mark.parametrize(
    ("server", "keys", "headers", "status"),
    [
        ("none", {}, LAST, 206),
        ("devpi", {}, LAST, 200),
        ("devpi", {"ranges": True}, LAST, 206),
        ("nexus", {}, LAST, 404),
        ("nexus", {"answers": {"suffix-ranges": 501}}, LAST, 501),
        ("none", {"answers": {"suffix-ranges": 200}}, LAST, 200),
        ("proxpi", {}, {"Range": "bytes=-99999"}, 416),
        ("none", {}, {"Range": "bytes=-99999"}, 206),
        ("proxpi", {}, {"Range": "bytes=0-1,4-5"}, 416),
        ("pypiserver", {}, {"Range": "bytes=0-1,4-5"}, 206),
        ("none", {}, {"Range": "bytes=0-1,4-5"}, 200),
        ("simple-repository-server", {}, {"Range": "bytes=5-1"}, 400),
        ("pypiserver", {}, {"Range": "bytes=0-1", "If-Range": '"other"'}, 206),
        ("proxpi", {}, {"Range": "bytes=0-1", "If-Range": '"other"'}, 200),
    ],
)
def test_ranges(server: str, keys: dict[str, Any], headers: dict[str, str], status: int) -> None:
    """A range is answered as by the imitated server, unless a key of the index overrides it."""
    assert wheel(served(server, **keys), headers).status == status


@pytest.mark.parametrize(
    ("server", "keys", "status"),
    [
        ("pypiserver", {}, 304),
        ("devpi", {}, 200),
        ("devpi", {"answers": {"file-conditions": ["date"]}}, 304),
        ("simple-repository-server", {}, 200),
        ("bandersnatch", {}, 304),
    ],
)
def test_condition_by_date(server: str, keys: dict[str, Any], status: int) -> None:
    """If-Modified-Since with the file's date gets a 304 only if the server evaluates it."""
    index = served(server, **keys)
    date = wheel(index).headers.get("Last-Modified")
    assert wheel(index, {"If-Modified-Since": date}).status == status


def test_exact_dates() -> None:
    """With ``exact-dates``, only the exact date of the file matches, and no later date."""
    later = {"If-Modified-Since": "Thu, 01 Jan 2037 00:00:00 GMT"}
    assert wheel(served("bandersnatch"), later).status == 200
    assert wheel(served("pypiserver"), later).status == 304


@pytest.mark.parametrize(
    ("server", "headers", "status"),
    [
        ("none", {}, 301),
        ("devpi", {}, 302),
        ("devpi", {"User-Agent": "pip/26.0"}, 200),
        ("devpi", {"User-Agent": "uv/0.9.0"}, 200),
        ("devpi", {"User-Agent": "poetry/2.0"}, 302),
        ("devpi", {"Accept": JSON}, 200),
        ("proxpi", {"User-Agent": "pip/26.0"}, 308),
    ],
)
def test_page_without_slash(server: str, headers: dict[str, str], status: int) -> None:
    """A page without its slash is redirected, or is served to installers."""
    assert ask(served(server), f"{URL}/demo-lib", headers).status == status
    assert ask(served(server), URL, headers).status == status


@pytest.mark.parametrize(
    ("server", "status"), [("none", 301), ("devpi", 302), ("bandersnatch", 404), ("proxpi", 500)]
)
def test_name_that_is_not_normalised(server: str, status: int) -> None:
    """A page with a name that is not normalised is redirected or unknown."""
    assert ask(served(server), f"{URL}/Demo_Lib/").status == status


def test_chunked_pages() -> None:
    """Pages of devpi are sent in chunks, without Content-Length."""
    headers = ask(served("devpi"), f"{URL}/demo-lib/").headers
    assert headers.get("Transfer-Encoding") == "chunked"
    assert "Content-Length" not in headers


@pytest.mark.parametrize(
    ("server", "accept", "kind"),
    [
        ("pypiserver", JSON, "text/html; charset=UTF-8"),
        ("devpi", "image/png", "text/html; charset=UTF-8"),
        ("none", JSON, JSON),
    ],
)
def test_formats(server: str, accept: str, kind: str) -> None:
    """A server sends only the formats that it has, even if Accept names others."""
    response = ask(served(server), f"{URL}/demo-lib/", {"Accept": accept})
    assert response.headers.get("Content-Type") == kind


def test_what_pages_tell() -> None:
    """Pages list files with the same attributes and URLs as the pages of the real server."""
    text = body(ask(served("pypiserver"), f"{URL}/demo-lib/")).decode()
    assert f'href="/a/packages/{WHEEL}#sha256=' in text
    assert "requires-python" not in text
    assert "repository-version" not in text
    page = body(ask(served("devpi"), f"{URL}/demo-lib/", {"Accept": JSON})).decode()
    assert '"api-version": "1.0"' in page
    assert '"requires-python": ">=3.8"' in page
    assert "size" not in page
    assert "upload-time" not in page


def test_headers_alone_take_no_behaviour() -> None:
    """The name of a server in ``headers`` sets its header fields, but no other behaviour."""
    index = one_index(URL, headers="devpi", packages=PACKAGES)
    response = wheel(index, LAST)
    assert response.status == 206
    assert response.headers.get("Cache-Control") == "max-age=365000000, immutable, public"


def test_single_fields_lie_over_the_server() -> None:
    """A ``headers`` table without a profile overrides single fields of the server."""
    index = served("devpi", headers={"files": {"etag": '"1"'}})
    headers = wheel(index).headers
    assert headers.get("ETag") == '"1"'
    assert headers.get("Cache-Control") == "max-age=365000000, immutable, public"


@pytest.mark.parametrize(
    ("url", "cache_control"),
    [
        ("https://pypi.org/simple", "max-age=600, public"),
        ("https://download.pytorch.org/whl/cpu", "no-cache,no-store,must-revalidate"),
        ("https://pypi.nvidia.com", None),
        ("https://packages.example/simple", None),
    ],
)
def test_server_of_a_host(url: str, cache_control: str | None) -> None:
    """An index without server and header fields behaves like the known server of its host."""
    index = one_index(url, packages=PACKAGES)
    assert ask(index, f"{url}/demo-lib/").headers.get("Cache-Control") == cache_control


def test_unknown_host_says_nothing_of_caching() -> None:
    """An index at an unknown host sends no lifetime and no validator, but answers ranges."""
    headers = wheel(one_index(URL, packages=PACKAGES)).headers
    names = {"cache-control", "etag", "last-modified", "expires", "age"}
    assert names.isdisjoint(name.lower() for name, _ in headers)
    assert headers.get("Accept-Ranges") == "bytes"


def test_azure_redirects_to_a_signed_url() -> None:
    """A file of Azure is redirected by 303, and HEAD for it is refused."""
    index = served("azure")
    first, second = (wheel(index).headers.get("Location") for _ in range(2))
    assert first != second
    assert ask(index, first).status == 200
    assert wheel(index, method="HEAD").status == 405


@pytest.mark.parametrize(
    ("server", "url"),
    [
        ("nexus", "https://index.example/a/packages/demo-lib/1.0/"),
        ("codeartifact", f"{URL}/demo-lib/1.0/"),
        ("pypiserver", "https://index.example/a/packages/"),
        ("piwheels", "https://archive1.piwheels.org/simple/demo-lib/"),
        ("pytorch-2026-07", "https://download-r2.pytorch.org/a/simple/"),
    ],
)
def test_files_lie_where_the_server_has_them(server: str, url: str) -> None:
    """Files have the URLs that their server gives them, also at another host."""
    index = served(server)
    assert file_url(index, WHEEL) == f"{url}{WHEEL}"
    assert index.serves(f"{url}{WHEEL}")
    text = body(ask(index, f"{URL}/demo-lib/", {"Accept": "text/html"})).decode()
    assert f"/{WHEEL}#sha256=" in text


def test_place_of_files_that_the_scenario_gives() -> None:
    """A folder for files that the scenario sets overrides the server's folder."""
    index = served("nexus", files_url="https://cdn.example/f")
    assert file_url(index, WHEEL) == f"https://cdn.example/f/{WHEEL}"
