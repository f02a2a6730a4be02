"""What in a folder is no plain file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_indexcache.plain_files import LINK, SPECIAL, unplain_entries


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_links_that_lead_out_and_pipes_are_found(tmp_path: Path) -> None:
    """Links out, dangling ones too, and pipes are found at any depth, and nothing else."""
    root = tmp_path / "root"
    (root / "a" / "b").mkdir(parents=True)
    (root / "file").touch()
    (root / "inside").symlink_to("a/b")
    (root / "a" / "loop").symlink_to("loop")
    (root / "a" / "out").symlink_to(tmp_path)
    (root / "a" / "dangling").symlink_to(tmp_path / "root-of-another")
    os.mkfifo(root / "a" / "b" / "pipe")
    assert dict(unplain_entries(root)) == {
        root / "a" / "out": LINK,
        root / "a" / "dangling": LINK,
        root / "a" / "b" / "pipe": SPECIAL,
    }


def test_folder_may_itself_be_reached_by_a_link(tmp_path: Path) -> None:
    """A link within a folder that is itself behind a link leads to the same place."""
    (tmp_path / "real" / "a").mkdir(parents=True)
    (tmp_path / "root").symlink_to("real")
    (tmp_path / "real" / "link").symlink_to(tmp_path / "root" / "a")
    assert list(unplain_entries(tmp_path / "root")) == []
