"""Links, pipes and devices in folders that less trusted processes can change."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from pytest_indexcache.errors import PlayError
from pytest_indexcache.plain_files import LINK, SPECIAL, demand_plain, unplain_entries


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_links_that_lead_out_and_pipes_are_found(tmp_path: Path) -> None:
    """Pipes, dangling links, and links out of a folder are found at any depth."""
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
    """A link within a folder is accepted even if the folder itself is reached by a link."""
    (tmp_path / "real" / "a").mkdir(parents=True)
    (tmp_path / "root").symlink_to("real")
    (tmp_path / "real" / "link").symlink_to(tmp_path / "root" / "a")
    assert list(unplain_entries(tmp_path / "root")) == []


@pytest.mark.skipif(os.name == "nt", reason="venvs have their Python by a link elsewhere")
def test_links_and_pipes_of_a_part_end_the_play(tmp_path: Path) -> None:
    """In a play, outward links and pipes are refused, except the link of a venv to its Python."""
    root, venv = tmp_path / "root", tmp_path / "root" / "project" / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python3").symlink_to(sys.executable)
    demand_plain(root)
    demand_plain(root, venv)
    os.mkfifo(venv / "pyvenv.cfg")
    with pytest.raises(PlayError, match=r"project/\.venv/pyvenv\.cfg is a named pipe"):
        demand_plain(root, venv)
    (venv / "pyvenv.cfg").unlink()
    venv.rename(tmp_path / "elsewhere")
    venv.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PlayError, match=r"project/\.venv is a link out"):
        demand_plain(root, venv)
