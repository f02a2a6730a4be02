"""Attacks in plays of unchecked scenarios, whose processes only the kernel contains.

Each attack records its successes. It is also played without containment, because a refusal proves
nothing about an attack that cannot succeed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from pytest_indexcache.installers.containment.kernel import kernel_support
from pytest_indexcache.installers.containment.modes import ContainmentMode

from .grounds import (
    BREACHES,
    SECRET,
    Outside,
    hostile_project,
    needs_release,
    play_attack,
    told,
    tracing_is_forbidden,
    unchecked,
)

pytestmark = pytest.mark.skipif(
    not kernel_support().can_contain, reason="this kernel cannot contain a process"
)

NEW_IN_6 = ("signals",)
"""Attempts that Landlock prevents from ABI 6 on."""

TRIED = tuple(it for it in BREACHES if it not in NEW_IN_6 or kernel_support().landlock_abi >= 6)

PROJECT = '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.11"\n'

RUN = {
    "uv": "uv run --no-project python attack.py",
    "poetry": "poetry run python attack.py",
    "pdm": "pdm run python attack.py",
}


def _running(installer: str, attack: str) -> Any:
    return unchecked(
        [{"command": {installer: RUN[installer]}}],
        {"project/attack.py": attack},
        **{"project-files": {installer: PROJECT}},
    )


BUILD: Mapping[str, Mapping[str, Any]] = {
    "uv": {"command": {"uv": "uv pip install ../hostile"}},
    "pip": {"command": {"pip": "pip install ../hostile"}},
    "poetry": {"command": {"poetry": "poetry lock"}},
    "pdm": {"command": {"pdm": "pdm lock"}},
    "reference": {"do": "sync"},
}

REQUIRING = {
    "uv": "",
    "pip": "",
    "poetry": 'dependencies = ["hostile"]\n[tool.poetry]\npackage-mode = false\n'
    '[tool.poetry.dependencies]\nhostile = { path = "../hostile" }\n',
    "pdm": 'dependencies = ["hostile @ file:///${PROJECT_ROOT}/../hostile"]\n',
    "reference": 'dependencies = ["hostile"]\n'
    '[tool.indexcache.sources]\nhostile = { path = "../hostile" }\n',
}


def _building(installer: str, attack: str, folder: str = "hostile") -> Any:
    """Return a scenario in which an installer builds a project with a hostile backend."""
    return unchecked(
        [BUILD[installer]],
        hostile_project(attack, folder),
        **{"project-files": {installer: PROJECT + REQUIRING[installer]}},
    )


def _demand_untouched(ground: Outside, before: object) -> None:
    assert ground.state() == before
    assert ground.visitors == []
    assert ground.left_running() == []
    assert not ground.spoiled.exists()


ATTACKING = pytest.mark.parametrize(
    ("installer", "attacking"),
    [
        *(pytest.param(it, _running, id=f"{it}-runs-a-program") for it in RUN),
        *(pytest.param(it, _building, id=f"{it}-builds-a-project") for it in BUILD),
    ],
)


@ATTACKING
def test_what_an_installer_starts_breaks_nothing(
    installer: str,
    attacking: Callable[[str, str], Any],
    ground: Outside,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    """A program or build backend of a play reaches no file, server or process outside it."""
    needs_release(installer, request)
    before = ground.state()
    attack = ground.attack(*TRIED, "stays")
    result = play_attack(attacking(installer, attack), installer, tmp_path)
    achieved = told(tmp_path)
    assert set(achieved) == {*TRIED, "stays"}, result.steps or result.reason
    assert [name for name, how in achieved.items() if how == "did"] == ["stays"]
    _demand_untouched(ground, before)


TELLS_VARIABLE = """\
import os
with open(os.environ["INDEXCACHE_BUILD_LOG"], "a") as log:
    log.write("variable " + os.environ.get("SOME_TOKEN", "missing") + "\\n")
import sys
"""


@pytest.mark.parametrize("mode", [ContainmentMode.REQUIRE, ContainmentMode.OFF])
@pytest.mark.parametrize("installer", BUILD)
@pytest.mark.usefixtures("ground")
def test_a_build_backend_sees_no_variable_of_the_test_run(
    installer: str,
    mode: ContainmentMode,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A build backend does not see a token in the environment of the test process."""
    needs_release(installer, request)
    monkeypatch.setenv("SOME_TOKEN", SECRET)
    play_attack(_building(installer, TELLS_VARIABLE), installer, tmp_path, mode)
    assert told(tmp_path) == {"variable": "missing"}


@ATTACKING
def test_what_an_installer_starts_breaks_everything_without_containment(
    installer: str,
    attacking: Callable[[str, str], Any],
    ground: Outside,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    """Each attack succeeds without containment, so it is containment that prevents the attack."""
    needs_release(installer, request)
    tried = [it for it in TRIED if it != "attaches" or not tracing_is_forbidden()]
    attack = ground.attack(*tried, "stays")
    result = play_attack(attacking(installer, attack), installer, tmp_path, ContainmentMode.OFF)
    assert told(tmp_path) == dict.fromkeys([*tried, "stays"], "did"), result.reason
    assert set(ground.visitors) == {"tcp", "udp", "unix", "log"}
    assert ground.left_running()
    assert ground.spoiled.exists()


REACHING = {
    "pip": ("pip install {url}", "pip install --no-index {url}", "pip install -r asked.txt"),
    "uv": ("uv pip install {url}", "uv pip install -r asked.txt", "uv run --with {url} python -V"),
    "poetry": ("poetry add {plain}",),
    "pdm": ("pdm add {plain}",),
}


@pytest.mark.parametrize(
    ("installer", "command"),
    [(installer, command) for installer, commands in REACHING.items() for command in commands],
)
@pytest.mark.parametrize("scheme", ["git+git", "git+http", "http"])
@pytest.mark.usefixtures("releases_can_be_had")
def test_urls_reach_no_server_outside(
    installer: str, command: str, scheme: str, ground: Outside, tmp_path: Path
) -> None:
    """No request reaches a server outside the scenario, not even a request of git.

    The gateway refuses requests that are sent through the proxy, so without containment only
    the attacks by git succeed.
    """
    plain = f"{scheme}://127.0.0.1:{ground.ports['tcp']}/x"
    plain += "/x-1.0-py3-none-any.whl" if scheme == "http" else ".git"
    asked = f"x @ {plain}"
    words = command.format(url=f"'{asked}'", plain=f"'{plain}'")
    scenario = unchecked(
        [{"command": {installer: words}}],
        {"project/asked.txt": asked},
        **{"project-files": {installer: PROJECT}},
    )
    result = play_attack(scenario, installer, tmp_path)
    assert result.steps, result.reason
    assert ground.visitors == []


@pytest.mark.parametrize("installer", BUILD)
def test_projects_elsewhere_are_not_built(
    installer: str, ground: Outside, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A project outside the play is not built, and its backend is not read."""
    needs_release(installer, request)
    for path, text in hostile_project(ground.attack("writes"), "hostile").items():
        target = ground.home / path
        target.parent.mkdir(exist_ok=True)
        target.write_text(text)
    before = ground.state()
    path = str(ground.home / "hostile")
    step = BUILD[installer]
    if "command" in step:
        step = {"command": {installer: step["command"][installer].replace("../hostile", path)}}
    requiring = (
        REQUIRING[installer]
        .replace("../hostile", path)
        .replace("file:///${PROJECT_ROOT}/", "file://")
    )
    scenario = unchecked([step], **{"project-files": {installer: PROJECT + requiring}})
    result = play_attack(scenario, installer, tmp_path)
    assert result.steps or "Permission" in result.reason, result.reason
    assert told(tmp_path) == {}
    assert ground.state() == before
