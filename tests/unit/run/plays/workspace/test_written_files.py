"""Paths in files that installers wrote."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from pytest_indexcache.errors import PlayError
from pytest_indexcache.run.plays.workspace.written_files import WrittenFiles, path_leading_out


@pytest.mark.parametrize(
    ("text", "folder", "path"),
    [
        ("six==1.0\n", "project", None),
        ("../lib\n", "project", None),
        ("-e ./../lib[a,b]\n", "project", None),
        ("../lib\n", ".", "../lib"),
        ("../../../lib\n", "project/a/b", None),
        ("../../../lib\n", "project", "../../../lib"),
        ("six==1.0\nlib @ file:../../lib ; python_version > '3'\n", "project", "file:../../lib"),
        ("-e file:///${PROJECT_ROOT}/../lib\n", "project", None),
        ("file:///${PROJECT_ROOT}/../../x", "project", "file:///${PROJECT_ROOT}/../../x"),
        ("directory+../../x", "project", "directory+../../x"),
        ('source = { editable = "../../x" }', "project", "../../x"),
        ("path = '..'", ".", ".."),
        ("a/../../../x", "project", "a/../../../x"),
        ("    # via -r ../../x.in\n", "project", None),
        ("name = '...'\nversion = '1..2'\n..wxyz/a", "project", None),
        ("/../..", "project", "/../.."),
    ],
)
def test_a_path_that_leads_out_of_the_workspace_is_found(
    text: str, folder: str, path: str | None, tmp_path: Path
) -> None:
    """Each is seen from the folder in which it is read."""
    assert path_leading_out(text, tmp_path / "root", folder) == path


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("six==1.0 --hash=sha256:a -e /abs/hostile", "/abs/hostile"),
        ("-r file:///abs/r.txt", "file:///abs/r.txt"),
        ("six @ file:/abs/six.whl", "file:/abs/six.whl"),
        ("-e <root>/lib\nsix @ file://<root>/six.whl", None),
        ("# /abs\n-i https://a.example/simple\n", None),
    ],
)
def test_an_absolute_path_in_a_list_leads_out(text: str, path: str | None, tmp_path: Path) -> None:
    """Installers write those of the workspace alone."""
    root = tmp_path / "root"
    found = path_leading_out(text.replace("<root>", str(root)), root, "project", absolute=True)
    assert found == path


@pytest.mark.parametrize(
    ("name", "is_refused"),
    [
        ("project/r.txt", True),
        ("project/x.lock", True),
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
