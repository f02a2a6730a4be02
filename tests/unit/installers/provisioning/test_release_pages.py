"""The simple page of an installer on an index."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from pytest_indexcache.errors import InstallerUnavailableError
from pytest_indexcache.installers.provisioning.machine_index import MachineIndex
from pytest_indexcache.installers.provisioning.release_pages import (
    ListedFile,
    fetch_files,
    read_files,
)

UV = canonicalize_name("uv")
UPLOADED = datetime(2024, 2, 15, 18, 50, tzinfo=UTC)

HTML = """<!DOCTYPE html><html><body>
<a href="../../files/uv-0.1.0-py3-none-any.whl#sha256=00" data-requires-python="&gt;=3.8"
   data-upload-time="2024-02-15T18:50:00Z">uv-0.1.0-py3-none-any.whl</a>
<a href="uv-0.10.0.tar.gz" data-upload-time="not a time">uv-0.10.0</a>
<a href="uv-0.2.0-py3-none-any.whl" data-yanked="broken">uv-0.2.0</a>
<a href="uv-0.3.0%2Blocal-py3-none-any.whl" data-yanked>uv-0.3.0</a>
<a href="uvloop-1.0.tar.gz">uvloop</a> <a href="uv-0.1.0.exe">uv</a> <a>nothing</a>
</body></html>"""

ENTRIES = [
    {
        "filename": "uv-0.1.0-py3-none-any.whl",
        "requires-python": ">=3.8",
        "upload-time": "2024-02-15T18:50:00.000000Z",
        "yanked": False,
    },
    {"filename": "uv-0.10.0.tar.gz", "requires-python": None, "yanked": None},
    {"filename": "uv-0.2.0-py3-none-any.whl", "yanked": "broken"},
    {"filename": "uv-0.3.0+local-py3-none-any.whl", "yanked": True},
    {"filename": "uvloop-1.0.tar.gz"},
    {"filename": 3},
    "nonsense",
]

FILES = (
    ListedFile(Version("0.1.0"), UPLOADED, ">=3.8", is_yanked=False),
    ListedFile(Version("0.10.0"), None, None, is_yanked=False),
    ListedFile(Version("0.2.0"), None, None, is_yanked=True),
    ListedFile(Version("0.3.0+local"), None, None, is_yanked=True),
)


def fetch(
    answer: Callable[[httpx.Request], httpx.Response], url: str = "https://pypi.org/simple"
) -> tuple[ListedFile, ...]:
    """Fetch uv's list of files from an index in memory, without waiting."""
    transport = httpx.MockTransport(answer)
    return fetch_files(UV, MachineIndex(url), transport=transport, sleep=lambda _: None)


@pytest.mark.parametrize("body", [HTML, json.dumps({"files": ENTRIES})], ids=["PEP 503", "PEP 691"])
def test_page_lists_files_with_their_upload_times_and_yanks(body: str) -> None:
    """The HTML and the JSON page give the same files, without files of other projects."""
    assert read_files(body.encode(), UV) == FILES


@pytest.mark.parametrize("url", ["https://pypi.org/simple", "https://pypi.org/simple/"])
def test_page_is_asked_for_once_where_the_index_answers(url: str) -> None:
    """A page is requested once, at a URL that ends with the project name and a slash (PEP 503)."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, text=HTML)

    assert fetch(answer, url) == FILES
    assert asked == ["https://pypi.org/simple/uv/"]


def test_a_failure_of_the_server_or_of_the_connection_is_tried_again() -> None:
    """A failed request for a page is retried, and a third attempt can succeed."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        if len(asked) == 1:
            raise httpx.ConnectError("refused")
        return httpx.Response(503 if len(asked) == 2 else 200, text=HTML)

    assert fetch(answer) == FILES
    assert len(asked) == 3


def unreachable(request: httpx.Request) -> httpx.Response:
    """Refuse the connection."""
    raise httpx.ConnectError("refused", request=request)


def test_url_that_is_none_makes_the_installer_unavailable() -> None:
    """The error for an invalid index URL shows the URL, and no request is sent."""
    with pytest.raises(InstallerUnavailableError, match="is not a URL: Invalid port"):
        fetch(unreachable, "http://index.example:port")


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (
            unreachable,
            "cannot be listed: no complete response from https://pypi.org/simple/uv/: refused",
        ),
        (lambda _: httpx.Response(404), r"the index https://pypi\.org/simple has no such project"),
        (lambda _: httpx.Response(403), "cannot be listed: .*/uv/ was answered with status 403"),
        (lambda _: httpx.Response(500), "cannot be listed: .*/uv/ was answered with status 500"),
        (
            lambda _: httpx.Response(200, text="{"),
            "cannot be listed: .*/uv/ is not a simple page: Expecting",
        ),
        (
            lambda _: httpx.Response(200, text="{}"),
            "cannot be listed: .* is not a simple page: the page has no list",
        ),
    ],
)
def test_index_without_a_list_makes_the_installer_unavailable(
    answer: Callable[[httpx.Request], httpx.Response], problem: str
) -> None:
    """The error for a failed page quotes the index's response, and its URL without credentials."""
    with pytest.raises(InstallerUnavailableError, match=problem) as caught:
        fetch(answer, "https://user:secret@pypi.org/simple")
    assert "secret" not in str(caught.value)
