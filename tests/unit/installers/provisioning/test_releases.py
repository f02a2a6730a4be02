"""The releases that an index lists, and the list that is kept of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from pytest_indexcache.errors import (
    ConnectionFailedError,
    IndexcacheError,
    InstallerError,
    InstallerUnavailableError,
)
from pytest_indexcache.installers.provisioning import releases as module
from pytest_indexcache.installers.provisioning.machine_index import MachineIndex
from pytest_indexcache.installers.provisioning.releases import (
    KEPT_SECONDS,
    ListedRelease,
    find_release,
    list_releases,
    near_releases,
    read_releases,
)
from pytest_indexcache.messages import Headers
from pytest_indexcache.reference.client import PageResponse
from pytest_indexcache.reference.packages import IndexLocation

URL = "https://pypi.org/simple/uv/"
UV = canonicalize_name("uv")

HTML = """<!DOCTYPE html><html><body>
<a href="https://files.example/uv-0.1.0.tar.gz#sha256=00" data-requires-python="&gt;=3.8"
   data-upload-time="2024-02-15T18:56:49.815442Z">uv-0.1.0.tar.gz</a>
<a href="../../files/uv-0.1.0-py3-none-any.whl" data-requires-python="&gt;=3.8"
   data-upload-time="2024-02-15T18:50:00Z">uv-0.1.0-py3-none-any.whl</a>
<a href="uv-0.10.0-py3-none-any.whl" data-upload-time="not a time">uv-0.10.0</a>
<a href="uv-0.2.0-py3-none-any.whl" data-yanked="broken">uv-0.2.0</a>
<a href="uv-0.2.0-py3-none-win32.whl" data-yanked="">uv-0.2.0</a>
<a href="uv-0.3.0-py3-none-any.whl" data-yanked="this wheel alone">uv-0.3.0</a>
<a href="uv-0.3.0.tar.gz">uv-0.3.0</a>
<a href="uv-0.9.0rc1-py3-none-any.whl">uv-0.9.0rc1</a>
<a href="uvloop-1.0.tar.gz">uvloop</a>
</body></html>"""


def _page(body: str | bytes, content_type: str = "text/html") -> PageResponse:
    raw = body.encode() if isinstance(body, str) else body
    return PageResponse(URL, content_type, Headers.of({}), raw)


def _json_page() -> PageResponse:
    files = [
        {
            "filename": "uv-0.1.0-py3-none-any.whl",
            "url": "https://files.example/uv-0.1.0-py3-none-any.whl",
            "hashes": {},
            "requires-python": ">=3.8",
            "upload-time": "2024-02-15T18:50:00.000000Z",
        },
        {"filename": "uv-0.2.0.tar.gz", "url": "uv-0.2.0.tar.gz", "hashes": {}, "yanked": True},
    ]
    page = {"meta": {"api-version": "1.1"}, "name": "uv", "files": files}
    return _page(json.dumps(page), "application/vnd.pypi.simple.v1+json")


class FakeClient:
    """Stands for the client: no socket is opened in unit tests."""

    def __init__(self) -> None:
        self.page: PageResponse | None = _page(HTML)
        self.error: IndexcacheError | None = None
        self.asked: list[str] = []

    def get_page(self, url: str, _: IndexLocation) -> PageResponse | None:
        """Answer with what the test set."""
        self.asked.append(url)
        if self.error is not None:
            raise self.error
        return self.page


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> FakeClient:
    """Answer for the machine's index, which is PyPI."""
    fake = FakeClient()

    @contextmanager
    def client_of(folder: Path, **options: object) -> Iterator[FakeClient]:
        yield fake

    monkeypatch.setattr(module, "IndexClient", client_of)
    monkeypatch.setattr(module, "machine_index", MachineIndex)
    return fake


@pytest.fixture
def versions(client: FakeClient, tmp_path: Path) -> Callable[[float], list[str]]:
    """List the releases of uv at a time."""

    def listed(now: float) -> list[str]:
        releases = list_releases("uv", clock=lambda: now, home=tmp_path)
        return [str(release.version) for release in releases]

    return listed


def test_a_page_in_html_tells_releases_in_the_order_of_their_versions() -> None:
    """The attribute ``data-upload-time`` is read where it is a time; the first file counts."""
    releases = read_releases(_page(HTML), UV)
    assert [str(release.version) for release in releases] == [
        *("0.1.0", "0.2.0", "0.3.0", "0.9.0rc1", "0.10.0")
    ]
    first = releases[0]
    assert first.uploaded == datetime(2024, 2, 15, 18, 50, tzinfo=UTC)
    assert first.requires_python == ">=3.8"
    assert [release.is_yanked for release in releases] == [False, True, False, False, False]
    assert releases[-1] == ListedRelease(Version("0.10.0"))


def test_a_page_in_json_tells_the_same() -> None:
    """``upload-time`` is that of PEP 700."""
    first, second = read_releases(_json_page(), UV)
    assert first == read_releases(_page(HTML), UV)[0]
    assert second == ListedRelease(Version("0.2.0"), is_yanked=True)


def test_the_list_holds_final_releases_that_are_not_yanked(
    versions: Callable[[float], list[str]],
) -> None:
    """Oldest first, without pre-releases and what was yanked."""
    assert versions(0.0) == ["0.1.0", "0.3.0", "0.10.0"]


def test_a_list_is_kept_for_an_hour(
    client: FakeClient, versions: Callable[[float], list[str]]
) -> None:
    """Processes that start one after the other see the same releases, and ask once."""
    assert versions(1000.0) == versions(999.0 + KEPT_SECONDS)
    assert client.asked == [URL]
    client.page = _json_page()
    assert versions(1001.0 + KEPT_SECONDS) == ["0.1.0"]
    assert client.asked == [URL, URL]


def test_an_old_list_is_better_than_none(
    client: FakeClient, versions: Callable[[float], list[str]]
) -> None:
    """Without a network the list that was kept is used, however old."""
    known = versions(1000.0)
    client.error = ConnectionFailedError("no whole response", "check the network")
    assert versions(1e9) == known


def test_without_network_and_list_the_reason_is_told(
    client: FakeClient, versions: Callable[[float], list[str]]
) -> None:
    """The error is the one that makes plays skipped."""
    client.error = ConnectionFailedError("no whole response from https://pypi.org")
    with pytest.raises(InstallerUnavailableError, match="cannot be listed: no whole response"):
        versions(0.0)


def test_a_project_that_the_index_has_not_is_told(
    client: FakeClient, versions: Callable[[float], list[str]]
) -> None:
    """So is an index without the installer."""
    client.page = None
    with pytest.raises(InstallerUnavailableError, match=r"pypi\.org/simple has no such project"):
        versions(0.0)


def test_a_release_is_found_in_a_list_of_any_age(client: FakeClient, tmp_path: Path) -> None:
    """What was released stays so; only a release that is not in the list is asked for."""
    for now, version in ((1000.0, "0.1.0"), (1e9, "0.9.0rc1"), (1e9, "0.2.0")):
        found = find_release("uv", Version(version), clock=lambda now=now: now, home=tmp_path)  # type: ignore[misc]
        assert found is not None
        assert found.version == Version(version)
    assert client.asked == [URL]
    assert find_release("uv", Version("7.0"), clock=lambda: 1e9, home=tmp_path) is None
    assert client.asked == [URL, URL]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", '{"index": "https://pypi.org/simple"}', '{"format": 0}']
)
def test_a_kept_list_that_is_broken_is_asked_for_again(
    versions: Callable[[float], list[str]], tmp_path: Path, text: str
) -> None:
    """A file that somebody cut short does no harm."""
    known = versions(1000.0)
    (tmp_path / "releases" / "uv.json").write_text(text, encoding="utf-8")
    assert versions(1001.0) == known


def test_a_list_of_another_index_is_not_used(
    client: FakeClient,
    versions: Callable[[float], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """When the machine is configured for another index, that one is asked."""
    versions(1000.0)
    mirror = MachineIndex("https://user:secret@mirror.example/simple/")
    monkeypatch.setattr(module, "machine_index", lambda: mirror)
    versions(1001.0)
    assert client.asked[-1] == "https://user:secret@mirror.example/simple/uv/"
    versions(1002.0)
    assert len(client.asked) == 2


def test_credentials_of_the_index_are_not_kept(
    versions: Callable[[float], list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The file names the index without its user and password."""
    mirror = MachineIndex("https://user:secret@mirror.example/simple")
    monkeypatch.setattr(module, "machine_index", lambda: mirror)
    versions(1000.0)
    assert "secret" not in (tmp_path / "releases" / "uv.json").read_text("utf-8")


def test_a_cache_folder_that_is_a_file_is_told(client: FakeClient, tmp_path: Path) -> None:
    """The error names the folder and the variable that names another."""
    (tmp_path / "home").touch()
    with pytest.raises(InstallerError, match="INDEXCACHE_HOME") as caught:
        list_releases("uv", clock=lambda: 0.0, home=tmp_path / "home")
    assert str(tmp_path / "home") in caught.value.problem
    assert not isinstance(caught.value, InstallerUnavailableError)


@pytest.mark.parametrize(
    ("version", "near"),
    [
        ("0.2.5", "0.1.0, 0.2.0, 0.3.0, 0.10.0"),
        ("99", "0.3.0, 0.10.0"),
        ("0.0.1", "0.1.0, 0.2.0"),
    ],
)
def test_releases_near_one_that_does_not_exist_are_named(version: str, near: str) -> None:
    """They are those just before and after it."""
    releases = [ListedRelease(Version(text)) for text in ("0.1.0", "0.2.0", "0.3.0", "0.10.0")]
    assert near_releases(Version(version), releases) == f"releases near it are {near}"
    assert "no release" in near_releases(Version(version), [])
