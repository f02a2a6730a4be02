"""Files and folders that are written, moved and removed atomically."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_indexcache.system.atomic_files import (
    move_atomically,
    remove_partial,
    remove_tree,
    write_atomically,
    write_named_file,
)


def test_a_file_is_written_into_folders_that_are_made(tmp_path: Path) -> None:
    """Writing a file creates folders, replaces an older file and leaves no partial file."""
    path = tmp_path / "a" / "b" / "file"
    write_atomically(path, b"one", b" two")
    write_atomically(path, b"three")
    assert path.read_bytes() == b"three"
    assert [it.name for it in path.parent.iterdir()] == ["file"]


def test_a_failed_write_leaves_the_old_file_alone(tmp_path: Path) -> None:
    """A failed write leaves the old file unchanged."""
    path = tmp_path / "file"
    write_atomically(path, b"old")
    with pytest.raises(TypeError):
        write_atomically(path, b"new", "no bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert [it.name for it in tmp_path.iterdir()] == ["file"]


def test_a_named_file_is_written_through_links_and_pipes(tmp_path: Path) -> None:
    """A link stays in place and its target gets the text; a pipe is written to, not replaced."""
    link, pipe = tmp_path / "link", tmp_path / "pipe"
    (tmp_path / "target").write_bytes(b"old")
    link.symlink_to("target")
    write_named_file(link, b"new")
    assert link.is_symlink()
    assert (tmp_path / "target").read_bytes() == b"new"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_named_file(pipe, b"text")
    assert os.read(reader, 100) == b"text"
    os.close(reader)
    assert pipe.is_fifo()


def test_moving_makes_the_folder(tmp_path: Path) -> None:
    """Moving a file creates the target's folder, and a missing source is an error."""
    source, target = tmp_path / "source", tmp_path / "a" / "target"
    source.write_bytes(b"x")
    move_atomically(source, target)
    assert target.read_bytes() == b"x"
    with pytest.raises(FileNotFoundError):
        move_atomically(source, target)


def test_a_tree_is_removed_if_it_is_there(tmp_path: Path) -> None:
    """The removal of a folder returns True if it existed, and False otherwise."""
    (tmp_path / "tree" / "branch").mkdir(parents=True)
    assert remove_tree(tmp_path / "tree")
    assert not remove_tree(tmp_path / "tree")
    assert list(tmp_path.iterdir()) == []


def test_partial_files_and_folders_are_removed(tmp_path: Path) -> None:
    """Only files and folders with the suffix for partial ones are removed."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / ".01.partial").write_bytes(b"")
    (tmp_path / ".02.partial").mkdir()
    (tmp_path / "kept.partial").write_bytes(b"")
    assert remove_partial(tmp_path) == 2
    assert sorted(it.name for it in tmp_path.iterdir()) == ["a", "kept.partial"]
