"""Plays in which an installer leaves a symlink within the path that a later step uses."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_indexcache.errors import PlayError
from pytest_indexcache.installers.contract.installer import (
    InstallerSpec,
    Network,
    Outcome,
    Workspace,
)
from pytest_indexcache.installers.reference.adapter import ReferenceAdapter
from pytest_indexcache.run.plays.results import PlayResult, Verdict
from pytest_indexcache.run.plays.runner import Play, play
from pytest_indexcache.run.plays.transports import in_process
from pytest_indexcache.run.plays.workspace.own_places import OwnPlaces
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.verbs import Command

CANARY = "raise SystemExit(open('built', 'w'))"

Link = Callable[[Workspace], None]


class LinkingInstaller(ReferenceAdapter):
    """The reference installer, which leaves a symlink after each step."""

    def __init__(self, link: Link) -> None:
        super().__init__(InstallerSpec("reference"))
        self._link = link

    def play(
        self, step: Any, scenario: Scenario, workspace: Workspace, network: Network
    ) -> Outcome:
        """Play a step, then create the link."""
        outcome = super().play(step, scenario, workspace, network)
        self._link(workspace)
        return outcome


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """Return a project outside the workspace whose build would leave a file."""
    folder = tmp_path / "outside" / "mine"
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "mine"\nversion = "1"\n'
        '[build-system]\nrequires = []\nbuild-backend = "evil"\nbackend-path = ["."]\n'
    )
    (folder / "evil.py").write_text(CANARY)
    (folder / "r.txt").write_text("six")
    return folder


def played(root: Path, link: Link, *steps: dict[str, Any], **tables: Any) -> PlayResult:
    """Play steps of an unchecked scenario, after a step that leaves a link."""
    first = {"do": "install", "requirements": ["six"]}
    index = {"url": "https://pypi.org/simple", "packages": {"six": {"1.0": {}}}}
    data = {"title": "t", "indexes": {"pypi": index}, "steps": [first, *steps], **tables}
    scenario = Scenario.model_validate(data)
    installer = LinkingInstaller(link)
    return play(Play(scenario, "links", installer, in_process(time.time), "inprocess"), root)


STEPS = [
    {"do": "install", "paths": ["link"]},
    {"do": "install", "editable": ["link"]},
    {"do": "install", "paths": ["project/../link/../mine"]},
    {"do": "install", "requirements": ["six"], "find-links": ["link"]},
    {"do": "sync-requirements", "file": "link/r.txt"},
    {"do": "compile", "requirements": ["six"], "to": "link/out.txt"},
]


@pytest.mark.parametrize("step", STEPS)
def test_path_that_leads_out_by_a_link_is_not_played(
    tmp_path: Path, outside: Path, step: dict[str, Any]
) -> None:
    """A step whose path is a link to a folder outside fails with an error, and changes nothing."""
    before = sorted(outside.parent.rglob("*"))

    def link(workspace: Workspace) -> None:
        _link(workspace.root / "link", outside)
        _link(workspace.folder("project") / "link", outside)

    result = played(tmp_path / "play", link, step)
    assert result.verdict is Verdict.ERROR
    assert "leads out of the workspace through a symlink" in result.reason
    assert sorted(outside.parent.rglob("*")) == before


def test_source_that_leads_out_by_a_link_is_not_played(tmp_path: Path, outside: Path) -> None:
    """A project source that has become a link to a folder outside is an error."""
    sources = {"mine": {"path": "link"}}
    project = {"dependencies": ["mine"]}
    result = played(
        tmp_path / "play",
        lambda it: _link(it.root / "link", outside),
        {"do": "sync"},
        project=project,
        sources=sources,
    )
    assert result.verdict is Verdict.ERROR
    assert "link leads out of the workspace through a symlink" in result.reason
    assert not (outside / "built").exists()


def demand_own(root: Path, installer: str, command: str) -> None:
    """Check a workspace in the same way as before a command."""
    step = {"command": {installer: command}}
    scenario = Scenario.model_validate({"title": "t", "steps": [step]})
    asked = scenario.steps[0]
    assert isinstance(asked, Command)
    OwnPlaces(Workspace(root), installer).demand(asked, scenario, root / "venv")


def test_no_command_enters_a_folder_behind_a_link(tmp_path: Path) -> None:
    """A command with ``--directory`` through a symlink is refused."""
    (tmp_path / "mine").mkdir()
    _link(tmp_path / "link", tmp_path / "mine")
    with pytest.raises(PlayError, match="it leads through a symlink"):
        demand_own(tmp_path, "uv", "uv --directory ../link pip list")


@pytest.mark.parametrize("is_copy", [False, True])
@pytest.mark.parametrize("settings", [None, "version = 3", "folder"])
@pytest.mark.parametrize("named", ["../v", "../v/bin/python"])
def test_venv_without_its_settings_is_not_used(
    tmp_path: Path, settings: str | None, named: str, is_copy: bool
) -> None:
    """A venv without a valid pyvenv.cfg is refused, because its Python is the machine's."""
    (tmp_path / "project").mkdir()
    (tmp_path / "v" / "bin").mkdir(parents=True)
    python = tmp_path / "v" / "bin" / "python"
    if is_copy:
        python.write_bytes(b"a copy")
    else:
        python.symlink_to(sys.executable)
    if settings == "folder":
        (tmp_path / "v" / "pyvenv.cfg").mkdir()
    elif settings is not None:
        (tmp_path / "v" / "pyvenv.cfg").write_text(settings)
    with pytest.raises(PlayError, match="v has the Python of a venv, and no"):
        demand_own(tmp_path, "uv", f"uv pip install -p {named} six")


def test_python_above_the_workspace_is_none_of_a_play(tmp_path: Path) -> None:
    """A Python in the folder above the workspace does not cause a command to be refused."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    root = tmp_path / "play"
    (root / "project").mkdir(parents=True)
    demand_own(root, "uv", "uv --directory .. pip install six")


def test_venv_of_a_folder_that_a_command_enters_is_looked_at(tmp_path: Path) -> None:
    """The venv in a folder that a command enters is checked, because installers find it."""
    (tmp_path / "other" / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / "other" / ".venv" / "bin" / "python").symlink_to(sys.executable)
    with pytest.raises(PlayError, match="has the Python of a venv, and no"):
        demand_own(tmp_path, "poetry", "poetry -C ../other install")


@pytest.mark.parametrize("folder", ["ws/.venv", ".home/.local/share/uv/tools/six"])
def test_venv_that_no_step_names_is_looked_at(folder: str, tmp_path: Path) -> None:
    """The venvs of a uv workspace above the project, and of uv tools, are checked, too."""
    (tmp_path / "ws" / "member").mkdir(parents=True)
    (tmp_path / folder / "bin").mkdir(parents=True)
    (tmp_path / folder / "bin" / "python").symlink_to(sys.executable)
    with pytest.raises(PlayError, match=f"{folder} has the Python of a venv, and no pyvenv"):
        demand_own(tmp_path, "uv", "uv --directory ../ws/member sync")


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("x/__pypackages__/README", "x/__pypackages__ makes PDM use a Python of the machine"),
        ("x/.venv/README", "x/.venv has no Python"),
        ("python/pyproject.toml", "python/pyproject.toml has a script 'python'"),
    ],
)
def test_what_leads_to_the_machines_python_ends_a_play(
    path: str, reason: str, tmp_path: Path
) -> None:
    """Any file in the workspace that selects the machine's Python ends the play."""
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text("[project.scripts]\npython = 'python:main'\n")
    with pytest.raises(PlayError, match=re.escape(reason)):
        demand_own(tmp_path, "pdm", "pdm list")


def test_link_within_the_workspace_is_followed(tmp_path: Path) -> None:
    """A link between folders of the workspace is followed."""
    result = played(
        tmp_path / "play",
        lambda it: _link(it.root / "link", it.root / "mine"),
        {"do": "install", "paths": ["link"]},
        **{"local-projects": {"mine": {"path": "mine"}}},
    )
    assert result.passed, result.reason


def _link(place: Path, target: Path) -> None:
    if not place.is_symlink():
        place.symlink_to(target)
