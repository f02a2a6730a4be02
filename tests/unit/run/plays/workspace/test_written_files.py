"""Paths in files that installers wrote."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from pytest_indexcache.errors import PlayError
from pytest_indexcache.run.plays.workspace.written_files import WrittenFiles


@pytest.mark.parametrize(
    ("text", "folder", "is_refused"),
    [
        ("six==1.0\n", "project", False),
        ("../lib\n", "project", False),
        ("-e ./../lib[a,b]\n", "project", False),
        ("../lib\n", ".", True),
        ("../../../lib\n", "project/a/b", False),
        ("../../../lib\n", "project", True),
        ("six==1.0\nlib @ file:../../lib ; python_version > '3'\n", "project", True),
        ("-e ../..#egg=lib\n", "project", True),
        ("-e file:///${PROJECT_ROOT}/../lib\n", "project", False),
        ("file:///${PROJECT_ROOT}/../../x", "project", True),
        ("directory+../../x", "project", True),
        ('source = { editable = "../../x" }', "project", True),
        ("path = '..'", ".", True),
        ("a/../../../x", "project", True),
        ("a/../b", ".", False),
        ("    # via -r ../../x.in\n", "project", False),
        ("name = '...'\nversion = '1..2'\n..wxyz/a", "project", False),
        ("/../..", "project", True),
        ("six==1.0 --hash=sha256:a -e /abs/hostile", "project", True),
        ("-r file:///abs/r.txt", "project", True),
        ("six @ file:/abs/six.whl", "project", True),
        ("-e <root>/lib\nsix @ file://<root>/six.whl", "project", False),
        ("# /abs\n-i https://a.example/simple\n", "project", False),
    ],
)
def test_a_path_that_leads_out_of_the_workspace_is_found(
    text: str, folder: str, *, is_refused: bool, tmp_path: Path
) -> None:
    """Each is seen from the folder in which it is read; absolute ones may be inside alone."""
    file = tmp_path / folder / "r.txt"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text.replace("<root>", str(tmp_path)))
    written = WrittenFiles(tmp_path)
    if not is_refused:
        written.demand_inside([folder])
        return
    with pytest.raises(PlayError, match=r"r\.txt has the path .*, which leads out of the"):
        written.demand_inside([folder])


def test_a_lockfile_of_pdm_is_seen_from_its_project(tmp_path: Path) -> None:
    """That is the last folder that a command enters: the others are on the way to it."""
    file = tmp_path / "project/packages/app/pdm.lock"
    file.parent.mkdir(parents=True)
    file.write_text('path = "../../libs/lib"\n')
    WrittenFiles(tmp_path).demand_inside(["project", "project/packages/app"])
    with pytest.raises(PlayError, match=r"pdm\.lock has the path '../../libs/lib'"):
        WrittenFiles(tmp_path).demand_inside(["project/packages/app", "project"])


def test_a_file_without_end_is_not_read(tmp_path: Path) -> None:
    """Installers write none of that size."""
    with (tmp_path / "r.txt").open("wb") as file:
        file.truncate(1 << 30)
    with pytest.raises(PlayError, match=r"r\.txt has 1,073,741,824 bytes: it is too large"):
        WrittenFiles(tmp_path).demand_inside(["project"])


@pytest.mark.parametrize(
    ("name", "is_refused"),
    [
        ("project/r.txt", True),
        ("project/x.lock", True),
        ("project/a/b/x.lock", True),
        ("project/pylock.toml", True),
        ("project/a/b/pyproject.toml", False),
        ("project/a/b/uv.lock", False),
        ("project/a/b/r.in", True),
        (".home/r.txt", False),
        (".home/.local/share/uv/tools/six/uv-receipt.toml", True),
        ("project/venv/r.txt", True),
        ("project/notes.md", False),
    ],
)
def test_files_are_seen_from_the_folders_that_a_step_works_in(
    name: str, *, is_refused: bool, tmp_path: Path
) -> None:
    """Project files and some lockfiles are read from their own folder alone."""
    file = tmp_path / name
    file.parent.mkdir(parents=True)
    (tmp_path / "project/venv").mkdir(parents=True, exist_ok=True)
    (tmp_path / "project/venv/pyvenv.cfg").touch()
    file.write_text('path = "../../../lib"\n')
    written = WrittenFiles(tmp_path)
    if not is_refused:
        written.demand_inside(["project"])
        return
    with pytest.raises(PlayError, match="leads out of the workspace from project"):
        written.demand_inside(["project"])


def test_a_file_that_changes_is_looked_at_again(tmp_path: Path) -> None:
    """And so is one that a step works elsewhere with."""
    file = tmp_path / "project/a/r.txt"
    file.parent.mkdir(parents=True)
    file.write_text("../../lib")
    written = WrittenFiles(tmp_path)
    written.demand_inside(["project/a"])
    with pytest.raises(PlayError, match="from project"):
        written.demand_inside(["project"])
    file.write_text("../../../../lib")
    os.utime(file, (time.time() + 5,) * 2)
    with pytest.raises(PlayError, match=r"project/a/r\.txt has the path '../../../../lib'"):
        written.demand_inside(["project/a"])
