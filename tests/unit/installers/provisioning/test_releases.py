"""The list of an installer's releases on an index, and its stored copy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from packaging.version import Version

from pytest_indexcache.errors import (
    IndexcacheError,
    InstallerError,
    InstallerUnavailableError,
)
from pytest_indexcache.installers.provisioning import releases as module
from pytest_indexcache.installers.provisioning.machine_index import MachineIndex
from pytest_indexcache.installers.provisioning.release_pages import ListedFile
from pytest_indexcache.installers.provisioning.releases import (
    KEPT_SECONDS,
    ListedRelease,
    find_release,
    gather_releases,
    list_releases,
    near_releases,
)

PYPI = ("uv", "https://pypi.org/simple")
UNREACHABLE = InstallerUnavailableError("uv", "its releases cannot be listed: no answer")

FILES = (
    ListedFile(Version("0.10.0"), None, None, is_yanked=False),
    ListedFile(Version("0.1.0"), datetime(2024, 2, 15, 18, 56, tzinfo=UTC), ">=3.8", False),
    ListedFile(Version("0.1.0"), datetime(2024, 2, 15, 18, 50, tzinfo=UTC), ">=3.8", False),
    ListedFile(Version("0.2.0"), None, None, is_yanked=True),
    ListedFile(Version("0.2.0"), None, None, is_yanked=True),
    ListedFile(Version("0.3.0"), None, None, is_yanked=True),
    ListedFile(Version("0.3.0"), None, None, is_yanked=False),
    ListedFile(Version("0.9.0rc1"), None, None, is_yanked=False),
)


class FakeIndex:
    """A fake of the machine's index, because unit tests do not open sockets."""

    def __init__(self) -> None:
        self.files: tuple[ListedFile, ...] = FILES
        self.error: IndexcacheError | None = None
        self.asked: list[tuple[str, str]] = []

    def fetch_files(self, project: str, index: MachineIndex) -> tuple[ListedFile, ...]:
        """Return the files that the test assigned."""
        self.asked.append((project, index.url))
        if self.error is not None:
            raise self.error
        return self.files


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> FakeIndex:
    """Return a fake of the machine's index with the URL of PyPI."""
    fake = FakeIndex()
    monkeypatch.setattr(module, "fetch_files", fake.fetch_files)
    monkeypatch.setattr(module, "machine_index", MachineIndex)
    return fake


@pytest.fixture
def versions(index: FakeIndex, tmp_path: Path) -> Callable[[float], list[str]]:
    """Return a function that lists uv's releases at a given time."""

    def listed(now: float) -> list[str]:
        releases = list_releases("uv", clock=lambda: now, home=tmp_path)
        return [str(release.version) for release in releases]

    return listed


def test_files_are_gathered_to_releases_in_the_order_of_their_versions() -> None:
    """A release has the upload time of its first file, and is yanked if all files are yanked."""
    releases = gather_releases(FILES)
    assert [str(release.version) for release in releases] == [
        *("0.1.0", "0.2.0", "0.3.0", "0.9.0rc1", "0.10.0")
    ]
    first = releases[0]
    assert first.uploaded == datetime(2024, 2, 15, 18, 50, tzinfo=UTC)
    assert first.requires_python == ">=3.8"
    assert [release.is_yanked for release in releases] == [False, True, False, False, False]
    assert releases[-1] == ListedRelease(Version("0.10.0"))


def test_the_list_holds_final_releases_that_are_not_yanked(
    versions: Callable[[float], list[str]],
) -> None:
    """The list contains final releases that are not yanked, oldest first."""
    assert versions(0.0) == ["0.1.0", "0.3.0", "0.10.0"]


def test_a_list_is_kept_for_an_hour(
    index: FakeIndex, versions: Callable[[float], list[str]]
) -> None:
    """A list of releases is reused for an hour, so that successive runs see the same list."""
    assert versions(1000.0) == versions(999.0 + KEPT_SECONDS)
    assert index.asked == [PYPI]
    index.files = FILES[1:2]
    assert versions(1001.0 + KEPT_SECONDS) == ["0.1.0"]
    assert index.asked == [PYPI, PYPI]


def test_an_old_list_is_better_than_none(
    index: FakeIndex, versions: Callable[[float], list[str]]
) -> None:
    """Without a network, a stored list of any age is used."""
    known = versions(1000.0)
    index.error = UNREACHABLE
    assert versions(1e9) == known


def test_without_network_and_list_the_error_of_the_index_is_raised(
    index: FakeIndex, versions: Callable[[float], list[str]]
) -> None:
    """Without a network and without a stored list, the installer is unavailable."""
    index.error = UNREACHABLE
    with pytest.raises(InstallerUnavailableError, match="cannot be listed"):
        versions(0.0)


def test_a_release_is_found_in_a_list_of_any_age(index: FakeIndex, tmp_path: Path) -> None:
    """A listed release is found in a stored list of any age, without a request."""
    for now, version in ((1000.0, "0.1.0"), (1e9, "0.9.0rc1"), (1e9, "0.2.0")):
        found = find_release("uv", Version(version), clock=lambda now=now: now, home=tmp_path)  # type: ignore[misc]
        assert found is not None
        assert found.version == Version(version)
    assert index.asked == [PYPI]
    assert find_release("uv", Version("7.0"), clock=lambda: 1e9, home=tmp_path) is None
    assert index.asked == [PYPI, PYPI]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", '{"index": "https://pypi.org/simple"}', '{"format": 0}']
)
def test_a_kept_list_that_is_broken_is_asked_for_again(
    versions: Callable[[float], list[str]], tmp_path: Path, text: str
) -> None:
    """A damaged stored list of releases is requested again."""
    known = versions(1000.0)
    (tmp_path / "releases" / "uv.json").write_text(text, encoding="utf-8")
    assert versions(1001.0) == known


def test_a_list_of_another_index_is_not_used(
    index: FakeIndex,
    versions: Callable[[float], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The stored list of one index is not used for another index."""
    versions(1000.0)
    mirror = MachineIndex("https://user:secret@mirror.example/simple/")
    monkeypatch.setattr(module, "machine_index", lambda: mirror)
    versions(1001.0)
    assert index.asked[-1] == ("uv", "https://user:secret@mirror.example/simple/")
    versions(1002.0)
    assert len(index.asked) == 2


def test_credentials_of_the_index_are_not_kept(
    versions: Callable[[float], list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The stored list of releases contains the index's URL without user or password."""
    mirror = MachineIndex("https://user:secret@mirror.example/simple")
    monkeypatch.setattr(module, "machine_index", lambda: mirror)
    versions(1000.0)
    assert "secret" not in (tmp_path / "releases" / "uv.json").read_text("utf-8")


def test_a_cache_folder_that_is_a_file_is_told(index: FakeIndex, tmp_path: Path) -> None:
    """If the path of the cache folder is a file, the error gives the path and a remedy."""
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
    """The hint for a missing version lists the releases just before and after it."""
    releases = [ListedRelease(Version(text)) for text in ("0.1.0", "0.2.0", "0.3.0", "0.10.0")]
    assert near_releases(Version(version), releases) == f"releases near it are {near}"
    assert "no release" in near_releases(Version(version), [])
