"""The Python that a scenario is played with, and what requires-python says of it."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from pytest_indexcache.errors import CapabilityError
from pytest_indexcache.installers.provisioning.pythons import demand_pythons, requires_python
from pytest_indexcache.scenario.model import Scenario

NEXT = f"3.{sys.version_info.minor + 1}"
SYNC: dict[str, Any] = {"do": "sync"}
FAILURE = {"expect": {"exit": "failure"}}


def scenario(steps: list[dict[str, Any]], **more: Any) -> Scenario:
    """Return a scenario with these steps."""
    return Scenario.model_validate({"title": "t", "steps": steps, **more}, by_alias=True)


def project(text: str) -> dict[str, Any]:
    """Return the project table with this requires-python."""
    return {"project": {"requires-python": text}}


TOO_NEW = project(f">={NEXT}")
PASTED = {"project-files": {"uv": f'[project]\nname = "p"\nrequires-python = "~={NEXT}.1"\n'}}
INSTALL = {"do": "install", "requirements": ["six"]}


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (scenario([SYNC], **TOO_NEW), rf'step 1 needs Python >={NEXT}.*say python = "{NEXT}"'),
        (scenario([INSTALL, {"do": "lock"}], **TOO_NEW), "step 2 needs"),
        (scenario([SYNC], **PASTED), rf'step 1 needs Python ~={NEXT}.1.*say python = "{NEXT}"'),
        (scenario([{"do": "edit", **TOO_NEW}, SYNC]), "step 2 needs"),
        (scenario([{"command": {"uv": "uv sync"}}], **TOO_NEW), "step 1 needs"),
        (scenario([SYNC], **project(">=4")), r"needs Python >=4, and Python 3\.\d+ would play it$"),
        (scenario([SYNC], **project(">=3.11")), None),
        (scenario([SYNC]), None),
        (scenario([INSTALL], **TOO_NEW), None),
        (scenario([{"command": {"uv": "uv pip install six"}}], **TOO_NEW), None),
        (scenario([{**SYNC, **FAILURE}], **TOO_NEW), None),
        (scenario([SYNC], **{"project-files": {"uv": "[project"}}), None),
    ],
)
def test_a_python_that_the_project_excludes_is_a_reason_to_skip(
    case: Scenario, reason: str | None
) -> None:
    """A step that reads the project needs a Python of requires-python, unless it is to fail."""
    if reason is None:
        demand_pythons(case, "uv")
    else:
        with pytest.raises(CapabilityError, match=reason):
            demand_pythons(case, "uv")


def test_a_pasted_project_holds_for_its_installer_alone() -> None:
    """What a project file word for word says of Python holds for the installer that it names."""
    both = scenario([SYNC], **PASTED, **project(">=3.9"))
    assert [str(requires_python(both, name)) for name in ("uv", "pdm")] == [f"~={NEXT}.1", ">=3.9"]
