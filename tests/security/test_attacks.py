"""Attacks by scenario files: refused by each wall alone, and no attack without them.

The comments of a file say with which installer it is played, what it achieves where no wall
stands, and with which words the check refuses it. ``<HOME>``, ``<CANARY>``, ``<TCP>`` and
``<MARKER>`` stand for places outside of the play: see ``grounds``.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_indexcache.data_formats import loads_toml
from pytest_indexcache.errors import ScenarioError
from pytest_indexcache.installers.containment.kernel import kernel_walls
from pytest_indexcache.installers.containment.modes import ContainmentMode
from pytest_indexcache.run.plays.results import PlayResult
from pytest_indexcache.scenario import loads
from pytest_indexcache.scenario.model import Scenario

from .grounds import SECRET, Outside, hostile_project, needs_release, play_attack

FILES = {path.stem: path for path in sorted((Path(__file__).parent / "attacks").glob("*.toml"))}

PLAIN = """\
[project]
name = "plain"
version = "1"
requires-python = ">=3.11"
"""

needs_walls = pytest.mark.skipif(
    not kernel_walls().can_contain, reason="this kernel cannot contain a process"
)


@dataclass(frozen=True)
class Attack:
    """The text of a scenario, and what its comments say."""

    text: str

    def comment(self, key: str) -> str:
        """Return what a comment says."""
        found = re.search(f"^# {key}: (.*)$", self.text, re.MULTILINE)
        assert found, f"the file has no comment '# {key}: …'"
        return found[1]

    @property
    def scenario(self) -> Scenario:
        """The scenario, that no check has looked at."""
        return Scenario.model_validate(loads_toml(self.text))


@dataclass(frozen=True)
class Target:
    """What lies outside, as it was before an attack."""

    ground: Outside
    before: object

    def attack(self, name: str) -> Attack:
        """Return an attack that is aimed at what lies outside."""
        text = FILES[name].read_text(encoding="utf-8")
        places = {
            "HOME": str(self.ground.home),
            "CANARY": str(self.ground.canary),
            "TCP": str(self.ground.ports["tcp"]),
            "MARKER": self.ground.marker,
        }
        return Attack(re.sub("<([A-Z]+)>", lambda match: places[match[1]], text))

    def achieved(self, result: PlayResult, workspace: Path) -> set[str]:
        """Return what an attack achieved."""
        found = set(self.ground.visitors)
        if self.ground.state() != self.before:
            found.add("writes")
        texts = [str(result.to_json()), *map(_text, workspace.rglob("*"))]
        if any(SECRET in text for text in texts):
            found.add("reads")
        if self.ground.left_running():
            found.add("left running")
        return found


def _text(path: Path) -> str:
    if not path.is_file() or path.is_symlink():
        return ""
    return path.read_bytes().decode("utf-8", "replace")


@pytest.fixture
def target(ground: Outside) -> Target:
    """Put projects and a program into the home folder outside, beside the canary."""
    new = ground.home / "new"
    backend = f"import sys\nopen({str(new)!r}, 'w').write('x')\n"
    for path, text in hostile_project(backend, "hostile").items():
        (ground.home / path).parent.mkdir(exist_ok=True)
        (ground.home / path).write_text(text)
    (ground.home / "plain").mkdir()
    (ground.home / "plain" / "pyproject.toml").write_text(PLAIN)
    program = ground.home / "program"
    program.write_text(f"#!/bin/sh\necho x > {new}\n")
    program.chmod(0o755)
    return Target(ground, ground.state())


@pytest.mark.parametrize("name", FILES)
def test_the_check_alone_refuses_an_attack(name: str, target: Target) -> None:
    """A file with an attack does not pass the check, for the reason that it names."""
    attack = target.attack(name)
    with pytest.raises(ScenarioError) as refusal:
        loads(attack.text)
    assert attack.comment("refused") in str(refusal.value)


@needs_walls
@pytest.mark.parametrize("name", FILES)
def test_the_kernel_alone_refuses_an_attack(
    name: str, target: Target, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """An attack that no check has looked at achieves nothing in a contained play."""
    attack = target.attack(name)
    installer = attack.comment("installer")
    needs_release(installer, request)
    result = play_attack(attack.scenario, installer, tmp_path, ContainmentMode.REQUIRE)
    assert result.steps or result.reason
    assert target.achieved(result, tmp_path / "play") == set()


@pytest.mark.parametrize("name", FILES)
def test_an_attack_succeeds_without_walls(
    name: str, target: Target, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The same attack achieves what it is for where no wall stands: a refusal is the wall's."""
    if "git" in name and shutil.which("git") is None:
        pytest.skip("there is no git")
    attack = target.attack(name)
    installer = attack.comment("installer")
    needs_release(installer, request)
    result = play_attack(attack.scenario, installer, tmp_path, ContainmentMode.OFF)
    achieved = target.achieved(result, tmp_path / "play")
    assert attack.comment("achieves") in achieved, result.reason or result.steps
