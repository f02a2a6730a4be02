"""Paths in files that installers wrote into the workspace."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from pytest_indexcache.errors import PlayError
from pytest_indexcache.run.plays.workspace.walked_folders import walked_folders
from pytest_indexcache.run.plays.workspace.written_files import WrittenFiles


def demand_inside(
    root: Path, entered: list[str], installer: str = "uv", written: WrittenFiles | None = None
) -> None:
    """Run the check that precedes a step in these folders."""
    looked = written or WrittenFiles(root, installer)
    looked.demand_inside([*walked_folders(root, root / ".cache")], entered)


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
        ("<root>/.home/x/../y", "project", False),
        ("<root>/../y", "project", True),
        ("%2e%2e/%2e%2e/lib", "project", True),
        ("{root:uri}/../lib", "project", False),
        ("{root:uri}/../../lib", "project", True),
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
    """A path is resolved from the folder in which it is read, and must be in the workspace."""
    file = tmp_path / folder / "r.txt"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text.replace("<root>", str(tmp_path)))
    if not is_refused:
        demand_inside(tmp_path, [folder])
        return
    with pytest.raises(PlayError, match=r"r\.txt has the path .*, which leads out of the"):
        demand_inside(tmp_path, [folder])


@pytest.mark.parametrize(
    ("entered", "is_refused"),
    [
        (["project", "project/packages/app"], False),
        (["project", "project/packages/app", "project/packages/other"], False),
        (["project"], True),
        (["project", "project/a", "project/packages/app", "project/a/packages/app"], True),
    ],
)
@pytest.mark.parametrize("name", ["pdm.lock", "x.lock", "pylock.toml", "pylock.x.toml"])
def test_a_lockfile_of_pdm_is_seen_from_its_project(
    name: str, entered: list[str], *, is_refused: bool, tmp_path: Path
) -> None:
    """PDM's project is in the folder of ``--project``, or else in the step's own folder."""
    file = tmp_path / "project/packages/app" / name
    file.parent.mkdir(parents=True)
    file.write_text('path = "../../../libs/lib"\n')
    if not is_refused:
        demand_inside(tmp_path, entered, "pdm")
        return
    with pytest.raises(PlayError, match=r"has the path '../../../libs/lib', which leads out"):
        demand_inside(tmp_path, entered, "pdm")


def test_pdm_finds_its_project_in_a_folder_above(tmp_path: Path) -> None:
    """In a subfolder, paths are also resolved from the folder of PDM's project above it."""
    file = tmp_path / "project/override.txt"
    file.parent.mkdir()
    file.write_text("../lib")
    (tmp_path / "pyproject.toml").write_text("[project]")
    demand_inside(tmp_path, ["project"], "uv")
    with pytest.raises(PlayError, match=r"leads out of the workspace from \.\n"):
        demand_inside(tmp_path, ["project"], "pdm")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", 'dependencies = ["lib @ file:///${PROJECT_ROOT}/../../../libs/lib"]'),
        ("pyproject.toml", 'dependencies = ["lib @ {root:uri}/../../../libs/lib"]'),
        ("pyproject.toml", 'dependencies = ["lib @ {root:uri}/%2e%2e/../../libs/lib"]'),
        ("pdm.lock", 'path = "../../../libs/lib"'),
    ],
)
def test_a_workspace_of_pdm_reads_the_files_of_its_members(
    name: str, text: str, tmp_path: Path
) -> None:
    """A project file above can make the folder a PDM workspace; an empty one cannot."""
    file = tmp_path / "project/packages/app" / name
    file.parent.mkdir(parents=True)
    file.write_text(text)
    (tmp_path / "pyproject.toml").touch()
    entered = ["project", "project/packages/app"]
    demand_inside(tmp_path, entered, "pdm")
    (tmp_path / "project/pyproject.toml").write_text("[tool.pdm.workspace]")
    with pytest.raises(PlayError, match="leads out of the workspace from project"):
        demand_inside(tmp_path, entered, "pdm")


@pytest.mark.parametrize("backend", ["setuptools.build_meta", "flit_core.buildapi"])
def test_a_variable_is_no_folder_for_every_backend(backend: str, tmp_path: Path) -> None:
    """PDM reads a variable in a path as a folder if the build backend knows no variables."""
    file = tmp_path / "project/x.lock"
    file.parent.mkdir()
    file.write_text('dependencies = ["lib @ file:///${PROJECT_ROOT}/../tmp/lib"]')
    project = tmp_path / "project/pyproject.toml"
    project.write_text("[project]")
    demand_inside(tmp_path, ["project"], "pdm")
    project.write_text(f'[build-system]\nbuild-backend = "{backend}"')
    with pytest.raises(PlayError, match="leads out of the workspace for the project in project"):
        demand_inside(tmp_path, ["project"], "pdm")


def test_no_project_climbs_out_of_an_unpacked_source_distribution(tmp_path: Path) -> None:
    """A path in a project file must not leave the folder into which an sdist is unpacked."""
    file = tmp_path / "project/a/b/c/d/pyproject.toml"
    file.parent.mkdir(parents=True)
    file.write_text('[tool.uv.sources]\nlib = { path = "../../../lib" }')
    demand_inside(tmp_path, ["project"])
    file.write_text('[tool.uv.sources]\nlib = { path = "../../../../lib" }')
    with pytest.raises(PlayError, match="out of the workspace from a source distribution"):
        demand_inside(tmp_path, ["project"])


def test_a_file_without_end_is_not_read(tmp_path: Path) -> None:
    """A file too large to come from an installer is refused without being read."""
    with (tmp_path / "r.txt").open("wb") as file:
        file.truncate(1 << 30)
    with pytest.raises(PlayError, match=r"r\.txt has 1,073,741,824 bytes: it is too large"):
        demand_inside(tmp_path, ["project"])


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
        (".home/r.txt", True),
        (".home/site-packages/r.txt", False),
        (".cache/r.txt", False),
        ("project/.hidden/r.txt", True),
        ("project/.python-version", True),
        (".home/.local/share/uv/tools/six/uv-receipt.toml", True),
        ("project/venv/r.txt", True),
        ("project/notes.md", False),
    ],
)
def test_files_are_seen_from_the_folders_that_a_step_works_in(
    name: str, *, is_refused: bool, tmp_path: Path
) -> None:
    """Paths in project files and some lockfiles are resolved only from the file's own folder."""
    file = tmp_path / name
    file.parent.mkdir(parents=True)
    (tmp_path / "project/venv").mkdir(parents=True, exist_ok=True)
    (tmp_path / "project/venv/pyvenv.cfg").touch()
    file.write_text('path = "../../../lib"\n')
    if not is_refused:
        demand_inside(tmp_path, ["project"])
        return
    with pytest.raises(PlayError, match="leads out of the workspace from "):
        demand_inside(tmp_path, ["project"])


def test_links_and_pipes_are_not_read(tmp_path: Path) -> None:
    """Links and pipes are not read, and the target of a link is checked at its own path."""
    (tmp_path / "outside.md").write_text("../../x")
    (tmp_path / "r.txt").symlink_to(tmp_path / "outside.md")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.txt")
    demand_inside(tmp_path, ["project"])


def test_a_file_that_changes_is_looked_at_again(tmp_path: Path) -> None:
    """A file is checked again if it has changed, or if a step works in another folder."""
    file = tmp_path / "project/a/r.txt"
    file.parent.mkdir(parents=True)
    file.write_text("../../lib")
    written = WrittenFiles(tmp_path, "uv")
    demand_inside(tmp_path, ["project/a"], written=written)
    with pytest.raises(PlayError, match="from project"):
        demand_inside(tmp_path, ["project"], written=written)
    file.write_text("../../../../lib")
    os.utime(file, (time.time() + 5,) * 2)
    with pytest.raises(PlayError, match=r"project/a/r\.txt has the path '../../../../lib'"):
        demand_inside(tmp_path, ["project/a"], written=written)
