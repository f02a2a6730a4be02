"""The link mode of a project: how installers are told, and which scenarios are skipped."""

from __future__ import annotations

import tomllib
from importlib import import_module
from typing import Any

import pytest
from packaging.version import Version

from pytest_indexcache.errors import CapabilityError
from pytest_indexcache.installers.commands.dialect import Dialect
from pytest_indexcache.scenario.model import Scenario

SYNC = {"do": "sync"}
INSTALL = {"do": "install", "requirements": ["six"]}


def dialect_of(name: str, release: str) -> Dialect:
    """Return the dialect of a release."""
    module = import_module(f"pytest_indexcache.installers.{name}.dialect")
    dialect: Dialect = getattr(module, f"{name.capitalize()}Dialect")(Version(release))
    return dialect


def linked(mode: str, *steps: dict[str, Any]) -> Scenario:
    """Return a scenario of a project with a link mode."""
    project = {"dependencies": ["six"], "link-mode": mode}
    return Scenario.model_validate({"title": "t", "project": project, "steps": [*steps]})


@pytest.mark.parametrize(
    ("mode", "settings"),
    [
        ("copy", {"cache": False}),
        ("hardlink", {"cache": True, "cache_method": "hardlink"}),
        ("symlink", {"cache": True, "cache_method": "symlink"}),
    ],
)
def test_pdm_is_told_in_a_file_of_settings(mode: str, settings: dict[str, Any]) -> None:
    """PDM reads the link mode from a settings file, which is written only if one is set."""
    dialect = dialect_of("pdm", "2.29.4")
    scenario = linked(mode, SYNC)
    assert tomllib.loads(dialect.project_files(scenario)["pdm.toml"]) == {"install": settings}
    unsaid = scenario.project.model_copy(update={"link_mode": None})
    assert [*dialect.project_files(scenario.model_copy(update={"project": unsaid}))] == [
        "pyproject.toml"
    ]


def test_project_of_an_install_has_the_link_mode() -> None:
    """The project file that is generated for an install contains the link mode, too."""
    scenario = linked("hardlink", INSTALL)
    first, *_ = dialect_of("pdm", "2.29.4").command_lines(scenario.steps[0], scenario)  # type: ignore[arg-type]
    assert "hardlink" in first.files["pdm.toml"]


@pytest.mark.parametrize(
    ("name", "release", "mode", "reason"),
    [
        ("uv", "0.2.26", "copy", "uv 0.2.26 has no link-mode of a project: it came with 0.2.27"),
        ("pip", "26.3", "symlink", "pip has no links into its cache"),
        ("poetry", "2.5.1", "hardlink", "poetry has no links into its cache"),
        ("pdm", "2.4.9", "symlink", "pdm 2.4.9 has no install.cache in pdm.toml: it came with"),
        ("pdm", "2.10.4", "hardlink", "pdm 2.10.4 has no install.cache_method hardlink: it came"),
    ],
)
def test_what_a_release_lacks_is_said(name: str, release: str, mode: str, reason: str) -> None:
    """A scenario is skipped if the release does not support its link mode."""
    with pytest.raises(CapabilityError) as caught:
        dialect_of(name, release).check(linked(mode, INSTALL))
    assert caught.value.problem.startswith(reason)


@pytest.mark.parametrize(
    ("name", "release"), [("pip", "26.3"), ("poetry", "2.5.1"), ("pdm", "2.4.9")]
)
def test_copies_are_what_every_release_makes(name: str, release: str) -> None:
    """The link mode ``copy`` needs an option only for uv, as other installers copy by default."""
    dialect_of(name, release).check(linked("copy", INSTALL))
