"""Scenario files that leave the workspace by a combination of several steps or files.

The comments of a file give its installer, where it is refused (by the check, or at a step), and the
message. Containment is off, so that only the scenario language protects the machine.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_indexcache.errors import ScenarioError
from pytest_indexcache.installers.containment.modes import ContainmentMode
from pytest_indexcache.run.plays.results import Verdict
from pytest_indexcache.scenario import loads

from .grounds import hostile_project, needs_release, play_attack

FILES = {path.stem: path for path in sorted((Path(__file__).parent / "refused").glob("*.toml"))}


def comment(text: str, key: str) -> str:
    """Return the text after a keyword in the comments of a file."""
    found = re.search(f"^# {key}: (.*)$", text, re.MULTILINE)
    assert found, f"the file has no comment '# {key}: …'"
    return found[1]


@pytest.mark.parametrize("name", FILES)
def test_what_leads_out_is_not_begun(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A file that leads out is refused by the check, or before the step that would do so."""
    text = FILES[name].read_text("utf-8")
    place, reason = comment(text, "refused"), comment(text, "reason")
    if place == "check":
        with pytest.raises(ScenarioError) as refusal:
            loads(text)
        assert reason in str(refusal.value)
        return
    installer = comment(text, "installer")
    needs_release(installer, request)
    ran = tmp_path / "ran"
    # A relative path that is resolved from the wrong folder leads to these files.
    for path, content in hostile_project(f"open({str(ran)!r}, 'w')\n", "hostile").items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(content)
    result = play_attack(loads(text), installer, tmp_path, ContainmentMode.OFF)
    assert result.verdict is Verdict.ERROR
    assert reason in result.reason
    assert f"step {len(result.steps) + 1}" == place
    assert not ran.exists()
