"""Installer specs and workspaces."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.errors import InstallerSpecError
from pytest_indexcache.installers.contract.installer import InstallerSpec, Workspace


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("reference", InstallerSpec("reference")),
        ("reference:obey-no-store", InstallerSpec("reference", variant="obey-no-store")),
        ("uv==0.8.11", InstallerSpec("uv", releases="==0.8.11")),
        (" uv >=0.8,<0.9", InstallerSpec("uv", releases=">=0.8,<0.9")),
        ("uv@target/debug/uv", InstallerSpec("uv", path=Path("target/debug/uv"))),
        ("PDM", InstallerSpec("pdm")),
    ],
)
def test_spec_is_read(text: str, spec: InstallerSpec) -> None:
    """A spec is parsed into an installer name and a variant, a range of releases or a path."""
    assert InstallerSpec.parse(text) == spec


@pytest.mark.parametrize("text", ["reference:x", "uv==0.8.11", "uv@a/b", "pip"])
def test_spec_is_written_as_it_was_read(text: str) -> None:
    """Converting a parsed spec back to text gives the original text."""
    assert str(InstallerSpec.parse(text)) == text


@pytest.mark.parametrize("text", ["", "==1", "uv==x.y", "uv 1", "uv:", "uv@", "/bin/uv", "uv>>1"])
def test_what_is_no_spec_is_an_error_that_shows_the_forms(text: str) -> None:
    """The error for an invalid spec shows the spec and the valid forms."""
    with pytest.raises(InstallerSpecError) as caught:
        InstallerSpec.parse(text)
    assert caught.value.spec == text
    assert caught.value.message.startswith(f"{text or repr(text)}: ")
    assert "uv==0.8.11" in caught.value.hint


def test_workspace_keeps_everything_below_its_root(tmp_path: Path) -> None:
    """The cache, home, project and venv folders of an installer are below the workspace's root."""
    workspace = Workspace(tmp_path)
    places = (
        workspace.cache,
        workspace.home,
        workspace.build_log,
        workspace.venv("project", None),
        workspace.venv("project", "other"),
    )
    assert all(place.is_relative_to(tmp_path) for place in places)
    assert workspace.venv("project", None) == tmp_path / "project" / ".venv"


def test_venv_of_the_root_is_looked_at_where_the_project_has_none(tmp_path: Path) -> None:
    """A project of a uv workspace without its own venv uses the venv of the workspace's root."""
    workspace = Workspace(tmp_path)
    assert workspace.venv_in_use("project", None) == tmp_path / "project/.venv"
    (tmp_path / ".venv").mkdir()
    assert workspace.venv_in_use("project", None) == tmp_path / "project/.venv"
    (tmp_path / ".venv/pyvenv.cfg").touch()
    assert workspace.venv_in_use("project", None) == tmp_path / ".venv"
    assert workspace.venv_in_use("project", "other") == tmp_path / "other"
    (tmp_path / "project/.venv").mkdir(parents=True)
    assert workspace.venv_in_use("project", None) == tmp_path / "project/.venv"
