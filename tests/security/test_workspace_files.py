"""Damage and edits in a workspace with symlinks and hard links to files outside."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_indexcache.errors import PlayError
from pytest_indexcache.run.plays.workspace.damage import damage_entries
from pytest_indexcache.run.plays.workspace.plain_places import demand_within, write_text
from pytest_indexcache.scenario.tables.changes import Damage

SECRET = "what the canary holds"
HOWS = ("overwrite", "truncate", "remove")


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """Return a file in a folder outside the workspace."""
    file = tmp_path / "outside" / "canary.whl"
    file.parent.mkdir()
    file.write_text(SECRET)
    return file


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Return the cache of an installer, with one file in it."""
    cache = tmp_path / "workspace" / ".cache"
    (cache / "a").mkdir(parents=True)
    (cache / "a" / "own.whl").write_text("0123456789")
    return cache


def damage(cache: Path, entries: str, how: str) -> None:
    """Damage a cache as a step does."""
    damage_entries(cache, Damage.model_validate({"do": "damage", "entries": entries, "how": how}))


def link_to_file(cache: Path, canary: Path) -> None:
    """Link a file in the cache to the canary."""
    (cache / "a" / "link.whl").symlink_to(canary)


def link_to_folder(cache: Path, canary: Path) -> None:
    """Link a folder in the cache to the canary's folder."""
    (cache / "b").symlink_to(canary.parent)


def link_by_link(cache: Path, canary: Path) -> None:
    """Link a folder in the cache to another link, which leads to the canary's folder."""
    (cache / "c").symlink_to(canary.parent)
    (cache / "b").symlink_to(cache / "c")


def hard_link(cache: Path, canary: Path) -> None:
    """Create a hard link to the canary in the cache."""
    os.link(canary, cache / "a" / "canary.whl")


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("entries", ["**/*", "**/*.whl", "*/*", "b/*", "b/../outside/*", "a/*"])
@pytest.mark.parametrize("link", [link_to_file, link_to_folder, link_by_link, hard_link])
def test_damage_leaves_files_outside_alone(
    cache: Path, canary: Path, link: Callable[[Path, Path], None], entries: str, how: str
) -> None:
    """Damage does not change files outside the cache to which links in the cache lead."""
    link(cache, canary)
    try:
        damage(cache, entries, how)
    except PlayError:
        assert (cache / "a" / "own.whl").read_text() == "0123456789"
    assert canary.read_text() == SECRET


def test_cache_that_is_itself_a_link_is_left_alone(tmp_path: Path, canary: Path) -> None:
    """A cache that was replaced by a symlink is not damaged."""
    cache = tmp_path / "workspace" / ".cache"
    cache.parent.mkdir()
    cache.symlink_to(canary.parent)
    with pytest.raises(PlayError, match="only what is behind symlinks"):
        damage(cache, "**/*", "overwrite")
    assert canary.read_text() == SECRET


@pytest.mark.parametrize(
    ("how", "left"), [("overwrite", b"\0" * 10), ("truncate", b"01234"), ("remove", None)]
)
def test_file_of_the_cache_is_damaged(cache: Path, how: str, left: bytes | None) -> None:
    """A file in the cache is damaged, and a hard link to its old content is unchanged."""
    own, other = cache / "a" / "own.whl", cache.parent / "other"
    own.chmod(0o640)
    os.link(own, other)
    damage(cache, "**/*.whl", how)
    assert (own.read_bytes() if own.exists() else None) == left
    assert other.read_bytes() == b"0123456789"
    assert left is None or own.stat().st_mode & 0o777 == 0o640
    assert {path.name for path in (cache / "a").iterdir()} == ({"own.whl"} if left else set())


@pytest.mark.parametrize("entries", ["**/pyvenv.cfg", "**/../project/*"])
def test_damage_leaves_venvs_whole_and_stays_in_the_cache(cache: Path, entries: str) -> None:
    """A ``damage`` step cannot change a pyvenv.cfg, or files outside the cache."""
    files = [cache / "v" / "pyvenv.cfg", cache.parent / "project" / "x.txt"]
    for file in files:
        file.parent.mkdir(parents=True)
        file.write_text("home = /usr")
    with pytest.raises(PlayError, match="damage: "):
        damage_entries(cache, Damage(do="damage", entries=entries, how="truncate"))
    assert [file.read_text() for file in files] == ["home = /usr"] * 2


def test_damage_of_symlinks_alone_says_so(cache: Path, canary: Path) -> None:
    """The error for a glob that matches only symlinks says so."""
    link_to_file(cache, canary)
    with pytest.raises(PlayError, match=r"'\*\*/link.whl'.*only what is behind symlinks"):
        damage(cache, "**/link.whl", "remove")
    with pytest.raises(PlayError, match="no file in the installer's cache matches"):
        damage(cache, "*.none", "remove")


def test_file_of_an_edit_replaces_a_symlink(tmp_path: Path, canary: Path) -> None:
    """An edit replaces a symlink or hard link, and does not change the link's target."""
    root = tmp_path / "workspace"
    root.mkdir()
    (root / "link").symlink_to(canary)
    os.link(canary, root / "hard")
    for name in ("link", "hard"):
        write_text(root, name, "mine")
        assert (root / name).read_text() == "mine"
        assert not (root / name).is_symlink()
    assert canary.read_text() == SECRET


@pytest.mark.parametrize("path", ["b/canary.whl", "b/new", "b/c/new", "b/../new"])
def test_file_of_an_edit_goes_through_no_symlink(tmp_path: Path, canary: Path, path: str) -> None:
    """An edit does not write a file into a folder behind a symlink."""
    root = tmp_path / "workspace"
    root.mkdir()
    (root / "b").symlink_to(canary.parent)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(PlayError, match="leads through a symlink"):
        write_text(root, path, "mine")
    assert sorted(tmp_path.rglob("*")) == before
    assert canary.read_text() == SECRET


def test_workspace_may_itself_be_reached_by_a_symlink(tmp_path: Path) -> None:
    """An edit works in a temporary folder that is a symlink, as on macOS."""
    (tmp_path / "real").mkdir()
    (tmp_path / "root").symlink_to(tmp_path / "real")
    write_text(tmp_path / "root", "project/a/../b.txt", "mine")
    demand_within(tmp_path / "root", tmp_path / "root" / "project" / "none")
    assert (tmp_path / "real" / "project" / "b.txt").read_text() == "mine"
