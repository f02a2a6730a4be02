"""The pages that a finder requests, their records, local folders, and flat indexes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from packaging.utils import canonicalize_name

from pytest_indexcache.errors import IndexResponseError, UnsatisfiableError
from pytest_indexcache.reference.index.finder import Strategy
from pytest_indexcache.reference.words.packages import IndexLocation
from pytest_indexcache.reference.words.simple_page import SimplePage

from ..world import World
from .found import APP, EXTRA, matching


def test_asks_for_a_page_once(world: World) -> None:
    """A finder requests each page once."""
    world.client.add("app", "1.0")
    finder = world.finder()
    assert finder.find(APP) is finder.find(APP)
    assert world.client.requests == ["page pypi.org/simple/app/"]


def test_an_index_with_two_names_is_asked_once(world: World) -> None:
    """An index with two names is asked once, and a source can use either name."""
    again = IndexLocation("again", "https://PyPI.org:443/simple/")
    finder = world.finder([world.default, again])
    assert matching(finder) == []
    assert world.client.requests == ["page pypi.org/simple/app/"]
    world.client.pages["https://PyPI.org:443/simple/app/"] = [
        {"filename": "app-1.0.zip", "url": "app-1.0.zip"}
    ]
    assert matching(finder, index="again") == ["1.0"]


def test_records_each_page_under_the_index(world: World) -> None:
    """Pages and missing projects are recorded under the URL of the index, without credentials."""
    index = IndexLocation("private", "https://user:secret@private.example/simple/")
    world.finder([index, world.default]).find(APP)
    key = ("https://private.example/simple", "app")
    assert world.records.pages[key].body is None
    assert ("https://pypi.org/simple", "app") in world.records.pages


def test_a_record_is_used_while_offline_only(world: World) -> None:
    """A recorded page is used only offline; otherwise the index is asked."""
    world.client.add("app", "1.0")
    world.finder().find(APP)
    world.client.add("app", "2.0")
    assert matching(world.finder()) == ["2.0", "1.0"]
    world.client.add("app", "3.0")
    world.client.offline = True
    assert matching(world.finder()) == ["2.0", "1.0"]


def test_tells_what_was_never_recorded(world: World) -> None:
    """Offline, a project without a recorded page raises an error instead of counting as missing."""
    world.client.offline = True
    found = world.finder().find(APP)
    assert (found.releases, found.asked, found.unknown) == ((), (), (world.default,))


@pytest.mark.parametrize(
    ("strategy", "versions"), [("first-index", []), ("unsafe-best-match", ["9.0"])]
)
def test_offline_no_later_index_takes_the_place_of_one_that_is_not_stored(
    world: World, strategy: Strategy, versions: list[str]
) -> None:
    """Offline, a later index is not used if an earlier index has no record."""
    world.client.add("app", "9.0")
    world.finder().find(APP)
    world.client.offline = True
    finder = world.finder([EXTRA, world.default], strategy=strategy)
    assert matching(finder) == versions
    assert finder.find(APP).unknown == (EXTRA,)
    with pytest.raises(UnsatisfiableError, match=f"app was not found in the cache for {EXTRA.url}"):
        world.install("app", indexes=[EXTRA, world.default])


def test_a_flat_index_is_one_page_for_all(world: World) -> None:
    """The page of a flat index is requested once for all projects."""
    index = IndexLocation("flat", "https://flat.example/links.html", flat=True)
    names = ["app-1.0-py3-none-any.whl", "other-2.0-py3-none-any.whl"]
    entries = [{"filename": name, "url": name} for name in names]
    world.client.pages[index.url] = entries
    finder = world.finder([index, world.default])
    assert matching(finder) == ["1.0"]
    other = finder.find(canonicalize_name("other"))
    assert [file.url for file in other.releases[0].files] == [f"https://flat.example/{names[1]}"]
    assert world.client.requests == ["page flat.example/links.html"]
    world.client.offline = True
    assert matching(world.finder([index])) == ["1.0"]


def test_find_links_are_offered_beside_the_index(world: World, tmp_path: Path) -> None:
    """An older wheel in a find-links folder does not hide a newer release on the index."""
    (tmp_path / "app-1.0-py3-none-any.whl").write_bytes(b"x")
    beside = IndexLocation("links", tmp_path.as_uri(), flat=True, is_beside=True)
    world.client.add("app", "1.0")
    world.client.add("app", "2.0")
    found = world.finder([beside, world.default]).find(APP).releases
    assert [str(release.version) for release in found] == ["2.0", "1.0"]
    assert found[1].file.url.startswith("file:")
    assert matching(world.finder([beside])) == ["1.0"]


def test_a_folder_of_files_is_an_index(world: World, tmp_path: Path) -> None:
    """A flat index can be a folder, in which only wheels and sdists are found."""
    for name in ("app-1.0-py3-none-any.whl", "app-2.0.tar.gz", "other-1.0.zip", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    index = IndexLocation("folder", tmp_path.as_uri(), flat=True)
    releases = world.finder([index]).find(APP).releases
    assert [(str(it.version), it.file.url) for it in releases] == [
        ("2.0", (tmp_path / "app-2.0.tar.gz").as_uri()),
        ("1.0", (tmp_path / "app-1.0-py3-none-any.whl").as_uri()),
    ]
    assert world.client.requests == []


def test_a_folder_of_pages_is_an_index(world: World, tmp_path: Path) -> None:
    """A simple index can be a local folder with an index.html file for each project."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "index.html").write_text('<a href="../app-1.0.zip">app</a>')
    index = IndexLocation("disk", tmp_path.as_uri())
    for url in (tmp_path.as_uri(), f"FILE{tmp_path.as_uri()[4:]}"):
        assert matching(world.finder([IndexLocation("disk", url)])) == ["1.0"]
    assert world.finder([index]).find(canonicalize_name("other")).releases == ()


def test_a_folder_that_is_not_there_is_an_error(world: World, tmp_path: Path) -> None:
    """If the folder of an index is missing, the error names the index."""
    index = IndexLocation("disk", (tmp_path / "nowhere").as_uri(), flat=True)
    with pytest.raises(IndexResponseError, match="index 'disk': there is no"):
        world.finder([index]).find(APP)


def test_a_page_that_was_kept_as_html_is_read(world: World) -> None:
    """A recorded page is parsed according to its recorded content type."""
    world.client.offline = True
    page = SimplePage("https://pypi.org/simple/app/", "text/html", b'<a href="app-1.0.zip">a</a>')
    world.records.remember_page("https://pypi.org/simple", "app", page)
    assert matching(world.finder()) == ["1.0"]


def test_a_page_that_was_reused_is_asked_for_again(world: World, monkeypatch: Any) -> None:
    """A page from a cache is requested again if no release on it fits."""
    world.client.add("app", "1.0")
    answer = world.client.get_page
    monkeypatch.setattr(
        world.client,
        "get_page",
        lambda *given, **more: replace(_some(answer(*given, **more)), is_reused=True),
    )
    finder = world.finder()
    assert finder.find(APP).is_reused
    world.client.add("app", "2.0")
    assert matching(finder, "==2.0") == []
    assert not finder.find_again(APP).is_reused
    assert matching(finder, "==2.0") == ["2.0"]


def _some(page: SimplePage | None) -> SimplePage:
    assert page is not None
    return page
