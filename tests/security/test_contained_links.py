"""Symlinks and pipes that an installer or a build backend leaves in the workspace.

The test process reads and writes in the workspace with more rights than the contained programs. If
a step leaves a special file, or a link that leads out of the workspace, the play ends after that
step.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pytest_indexcache.installers.containment.kernel import kernel_support
from pytest_indexcache.installers.containment.modes import ContainmentMode
from pytest_indexcache.run.plays.results import PlayResult

from .grounds import SECRET, Outside, hostile_project, play_attack, unchecked

pytestmark = pytest.mark.skipif(
    not kernel_support().can_contain, reason="this kernel cannot contain a process"
)

LINKS = {
    "project file": ("project/pyproject.toml", "secret"),
    "project": ("project", ""),
    "lockfile": ("project/uv.lock", "secret"),
    "venv": ("project/.venv", ""),
    "python": ("project/.venv/bin/python", "secret"),
    "site-packages": ("project/.venv/lib/python3.11/site-packages", ""),
    "metadata": ("project/.venv/lib/python3.11/site-packages/six-1.dist-info", ""),
    "local project": ("lib/lib.py", "new"),
    "cache": (".cache", ""),
    "home": (".home", ""),
    "settings": (".home/.config", ""),
    "data": (".home/.local", ""),
    "system": (".home/system", ""),
    "temporary": (".home/tmp", ""),
    "log of builds": (".builds", "new"),
    "removed venvs": (".removed", ""),
}
"""Paths in the workspace, each with the path in the home folder to which its symlink leads."""

LEAVE = """
import os, shutil, sys
root = os.environ["INDEXCACHE_BUILD_LOG"].removesuffix(".builds")
place = root + {place!r}
if os.path.isdir(place) and not os.path.islink(place):
    os.rename(place, root + "moved")
elif os.path.lexists(place):
    os.remove(place)
os.makedirs(os.path.dirname(place), exist_ok=True)
"""


def _leaving(place: str, leave: str, *later: Mapping[str, Any]) -> Any:
    """Return a scenario whose first step leaves a link or pipe, which later steps use."""
    code = LEAVE.format(place=place) + leave
    command = "uv run --no-project python -c " + shlex.quote(code)
    tables: dict[str, Any] = {"local-projects": {"lib": {"path": "lib"}}}
    steps = [{"command": {"uv": command}}, *later]
    return unchecked(steps, project={"dependencies": []}, **tables)


GOING_ON: tuple[Mapping[str, Any], ...] = (
    {"do": "edit", "local-projects": {"lib": {"path": "lib", "version": "2"}}},
    {"do": "edit", "project": {"dependencies": ["six"]}},
    {"do": "sync"},
    {"do": "remove-venv"},
)


def _play(place: str, ground: Outside, folder: Path, mode: ContainmentMode) -> PlayResult:
    path, target = LINKS[place]
    leave = f"os.symlink({str(ground.home / target)!r}, place)"
    return play_attack(_leaving(path, leave, *GOING_ON), "uv", folder, mode)


@pytest.mark.parametrize("place", LINKS)
@pytest.mark.usefixtures("releases_can_be_had")
def test_a_link_out_of_the_workspace_ends_the_play(
    place: str, ground: Outside, tmp_path: Path
) -> None:
    """A play ends if a symlink out of the workspace replaces a file that later steps use."""
    before = ground.state()
    result = _play(place, ground, tmp_path, ContainmentMode.REQUIRE)
    assert result.verdict == "error"
    assert f"{LINKS[place][0]} is a link out of the workspace" in result.reason
    assert ground.state() == before
    assert SECRET not in str(result.to_json())


FOLLOWED = ("lockfile", "local project", "data", "system", "temporary", "removed venvs")
"""Paths whose links this package would follow; it checks the other paths for links itself."""


@pytest.mark.parametrize("place", FOLLOWED)
@pytest.mark.usefixtures("releases_can_be_had")
def test_a_link_is_followed_without_containment(
    place: str, ground: Outside, tmp_path: Path
) -> None:
    """Without containment, a link out of the workspace is followed, so containment stops it."""
    before = ground.state()
    result = _play(place, ground, tmp_path, ContainmentMode.OFF)
    assert ground.state() != before or SECRET in str(result.to_json())


PIPES = ("project/uv.lock", ".builds", "project/.venv/pyvenv.cfg", ".cache/pipe")


@pytest.mark.parametrize("place", PIPES)
@pytest.mark.usefixtures("releases_can_be_had", "ground")
def test_a_named_pipe_ends_the_play(place: str, tmp_path: Path) -> None:
    """A named pipe ends a play, which would otherwise wait for ever."""
    result = play_attack(_leaving(place, "os.mkfifo(place)", *GOING_ON), "uv", tmp_path)
    assert result.verdict == "error"
    assert f"{place} is a named pipe, a socket or a device" in result.reason


BACKEND_LINKS = {
    "hostile/site-packages": "os.symlink({home!r}, 'site-packages')",
    ".home/.local": "home = os.environ['HOME']; os.rename(home + '/.local', home + '/moved'); "
    "os.symlink({home!r}, home + '/.local')",
    "hostile/pyproject.toml": "os.remove('pyproject.toml'); "
    "os.symlink({canary!r}, 'pyproject.toml')",
}


@pytest.mark.parametrize("place", BACKEND_LINKS)
def test_a_backend_leads_the_reference_nowhere(place: str, ground: Outside, tmp_path: Path) -> None:
    """A link that a build backend leaves for the reference installer ends the play."""
    before = ground.state()
    code = BACKEND_LINKS[place].format(home=str(ground.home), canary=str(ground.canary))
    step = {"do": "sync", "expect": {"exit": "failure"}}
    project = (
        '[project]\nname = "app"\nversion = "1"\ndependencies = ["hostile"]\n'
        '[tool.indexcache.sources]\nhostile = { path = "../hostile" }\n'
    )
    attack = f"import contextlib, os, sys\nwith contextlib.suppress(OSError):\n    {code}\n"
    scenario = unchecked(
        [step, step],
        hostile_project(attack, "hostile"),
        **{"project-files": {"reference": project}},
    )
    result = play_attack(scenario, "reference", tmp_path)
    assert result.verdict == "error"
    assert f"{place} is a link out of the workspace" in result.reason
    assert ground.state() == before
    assert SECRET not in str(result.to_json())


@pytest.mark.usefixtures("releases_can_be_had", "ground")
def test_links_of_a_venv_and_within_the_workspace_stay(tmp_path: Path) -> None:
    """Links to the Python of a venv, and links within the workspace, do not end a play."""
    scenario = _leaving("project/link", "os.symlink('pyproject.toml', place)", *GOING_ON)
    result = play_attack(scenario, "uv", tmp_path)
    assert result.verdict == "passed", result.reason
