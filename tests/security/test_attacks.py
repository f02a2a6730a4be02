"""Attacks by scenario files: the check or containment prevents each; without both it succeeds.

The comments of a file give its installer, the effects of the attack without containment, and the
message of the check that refuses the file. ``<HOME>``, ``<CANARY>``, ``<TCP>`` and ``<MARKER>`` are
replaced by targets outside the play: see ``grounds``.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_indexcache.data_formats import loads_toml
from pytest_indexcache.errors import ScenarioError
from pytest_indexcache.installers.containment.kernel import kernel_support
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

needs_containment = pytest.mark.skipif(
    not kernel_support().can_contain, reason="this kernel cannot contain a process"
)


@dataclass(frozen=True)
class Attack:
    """The text of an attacking scenario, and the comments in it."""

    text: str

    def comment(self, key: str) -> str:
        """Return the value of a comment."""
        found = re.search(f"^# {key}: (.*)$", self.text, re.MULTILINE)
        assert found, f"the file has no comment '# {key}: …'"
        return found[1]

    @property
    def scenario(self) -> Scenario:
        """Return the scenario without checking it."""
        return Scenario.model_validate(loads_toml(self.text))


@dataclass(frozen=True)
class Target:
    """The files outside a play, with their state before an attack."""

    ground: Outside
    before: object

    def attack(self, name: str) -> Attack:
        """Return an attack on the files and servers outside the play."""
        text = FILES[name].read_text(encoding="utf-8")
        places = {
            "HOME": str(self.ground.home),
            "CANARY": str(self.ground.canary),
            "TCP": str(self.ground.ports["tcp"]),
            "MARKER": self.ground.marker,
        }
        return Attack(re.sub("<([A-Z]+)>", lambda match: places[match[1]], text))

    def achieved(self, result: PlayResult, workspace: Path) -> set[str]:
        """Return the effects that an attack achieved."""
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
    """The check refuses a file with an attack, for the reason in the file's comment."""
    attack = target.attack(name)
    with pytest.raises(ScenarioError) as refusal:
        loads(attack.text)
    assert attack.comment("refused") in str(refusal.value)


@needs_containment
@pytest.mark.parametrize("name", FILES)
def test_the_kernel_alone_refuses_an_attack(
    name: str, target: Target, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """An unchecked attack achieves nothing in a contained play."""
    attack = target.attack(name)
    installer = attack.comment("installer")
    needs_release(installer, request)
    result = play_attack(attack.scenario, installer, tmp_path, ContainmentMode.REQUIRE)
    assert result.steps or result.reason
    assert target.achieved(result, tmp_path / "play") == set()


@pytest.mark.parametrize("name", FILES)
def test_an_attack_succeeds_without_containment(
    name: str, target: Target, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Each attack succeeds if both the check and containment are off, so they prevent it."""
    if "git" in name and shutil.which("git") is None:
        pytest.skip("there is no git")
    attack = target.attack(name)
    installer = attack.comment("installer")
    needs_release(installer, request)
    result = play_attack(attack.scenario, installer, tmp_path, ContainmentMode.OFF)
    achieved = target.achieved(result, tmp_path / "play")
    assert attack.comment("achieves") in achieved, result.reason or result.steps
