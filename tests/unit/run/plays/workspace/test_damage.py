"""Damage to files of a cache, and errors for impossible damage."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.errors import PlayError
from pytest_indexcache.run.plays.workspace.damage import damage_entries
from pytest_indexcache.scenario.tables.changes import Damage


def damage(**keys: str) -> Damage:
    """Return a ``damage`` step."""
    return Damage.model_validate({"do": "damage", **keys})


@pytest.mark.parametrize(
    ("how", "is_as_long", "is_zero"),
    [("zero", True, True), ("overwrite", True, True), ("garbage", True, False)],
)
def test_bytes_are_replaced_by_as_many(
    how: str, is_as_long: bool, is_zero: bool, tmp_path: Path
) -> None:
    """Zeros and garbage keep the length of a file, and ``overwrite`` writes zeros."""
    cache = tmp_path / "cache"
    cache.mkdir()
    file = cache / "a"
    file.write_bytes(b"abcdefgh" * 9000)
    damage_entries(cache, damage(what="wheel", how=how), [file])
    content = file.read_bytes()
    assert (len(content) == 72000) is is_as_long
    assert (not content.strip(b"\0")) is is_zero
    assert content[:8] != b"abcdefgh"


def test_error_says_what_the_cache_has(tmp_path: Path) -> None:
    """If a glob matches nothing, the error names the first files of each folder."""
    for name in ("uv/simple/idna", "uv/simple/six", "uv/wheels/idna", "CACHEDIR.TAG"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    with pytest.raises(PlayError, match=r"matches '\*\.body': it has .*uv/wheels/idna and 1 more"):
        damage_entries(tmp_path, damage(entries="*.body", how="remove"))
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(PlayError, match="it is empty"):
        damage_entries(empty, damage(entries="*.body", how="remove"))


@pytest.mark.parametrize(
    ("name", "text", "how", "is_broken"),
    [
        ("archive/six.py", "x = 1\n", "truncate", True),
        ("archive/six.dist-info/METADATA", "Requires-Dist: b @ file://{root}/b", "truncate", False),
        ("archive/six.dist-info/METADATA", "Requires-Dist: b @ file://{root}/b", "garbage", True),
        ("archive/mine.pth", "{root}/mine", "remove", False),
        ("archive/mine.pth", "{root}/mine", "truncate", False),
        ("archive/six.dist-info/RECORD", "six.py,,", "truncate", False),
        ("venv/lib/site-packages/six.py", "x = 1\n", "truncate", False),
        ("venv/bin/six", "x", "remove", False),
    ],
)
def test_files_by_which_folders_are_found_stay_whole(
    name: str, text: str, how: str, *, is_broken: bool, tmp_path: Path
) -> None:
    """Damage spares files of a venv, ``.pth`` files, and files in which a path would be cut."""
    cache = tmp_path / ".cache"
    for path, content in {"venv/pyvenv.cfg": "", name: text, "other": "other"}.items():
        (cache / path).parent.mkdir(parents=True, exist_ok=True)
        (cache / path).write_text(content.replace("{root}", str(tmp_path)))
    whole = (cache / name).read_bytes()
    damage_entries(cache, damage(entries="**/*", how=how))
    is_whole = (cache / name).exists() and (cache / name).read_bytes() == whole
    assert is_whole is not is_broken
    if is_broken:
        return
    with pytest.raises(PlayError, match=r"matches .* only .* a file by which a Python"):
        damage_entries(cache, damage(entries=name, how=how))
