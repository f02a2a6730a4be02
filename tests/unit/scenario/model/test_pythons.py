"""The Pythons that can play the steps of a scenario."""

from __future__ import annotations

import platform
import re
import sys
from typing import Any

import pytest

from pytest_indexcache.scenario.loader import reads
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.model.pythons import excluded_pythons, requires_python

NOW = f"3.{sys.version_info.minor}"
NEXT = f"3.{sys.version_info.minor + 1}"
SYNC: dict[str, Any] = {"do": "sync"}
FAILURE = {"expect": {"exit": "failure"}}


def scenario(steps: list[dict[str, Any]], **more: Any) -> Scenario:
    """Return a scenario with these steps."""
    return Scenario.model_validate({"title": "t", "steps": steps, **more}, by_alias=True)


def project(text: str) -> dict[str, Any]:
    """Return a project table with this requires-python."""
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
        (scenario([{"command": {"uv": "uv --offline -v sync"}}], **TOO_NEW), "step 1 needs"),
        (scenario([{"command": {"uv": "uv -v pip install six"}}], **TOO_NEW), None),
        (scenario([{"command": {"uv": "uv run --with pip python -V"}}], **TOO_NEW), "step 1 needs"),
        (scenario([{"command": {"uv": "uvx six"}}], **TOO_NEW), None),
        (scenario([{"command": {"uv": "uv cache clean"}}], **TOO_NEW), None),
        (scenario([{**SYNC, **FAILURE}], **TOO_NEW), None),
        (scenario([SYNC], **{"project-files": {"uv": "[project"}}), None),
    ],
)
def test_a_python_that_the_project_excludes_is_a_reason_to_skip(
    case: Scenario, reason: str | None
) -> None:
    """A scenario is skipped if a step reads a project that excludes the Python of the step."""
    running = platform.python_version()
    found = [
        f"step {excluded.step} {excluded.problem}: {excluded.remedy}".removesuffix(": ")
        for excluded in excluded_pythons(case, "uv", lambda _: running)
    ]
    assert len(found) == (reason is not None)
    assert reason is None or re.search(reason, found[0])


def test_a_pasted_project_holds_for_its_installer_alone() -> None:
    """The ``requires-python`` of a verbatim project file applies only to its installer."""
    both = scenario([SYNC], **PASTED, **project(">=3.9"))
    assert [str(requires_python(both, name)) for name in ("uv", "pdm")] == [f"~={NEXT}.1", ">=3.9"]


@pytest.mark.parametrize(
    ("python", "wanted", "text"),
    [
        ("", f">={NEXT}", f"needs Python >={NEXT}, and Python {NOW} would play it"),
        ('python = "3.9"', ">=3.11", "needs Python >=3.11, and Python 3.9 would play it"),
        ('python = "3.12"', ">=3.12.4", None),
        ('python = "3.12"', "==3.11.*", "needs Python ==3.11.*, and Python 3.12 would play it"),
    ],
)
def test_a_file_whose_project_excludes_its_python_is_doubtful(
    python: str, wanted: str, text: str | None
) -> None:
    """A step whose project excludes its Python causes a warning that names a valid ``python``."""
    table = f"""title = "t"
{python}
[indexes.pypi]
url = "https://pypi.org/simple"
[project]
requires-python = "{wanted}"
[[steps]]
do = "sync"
expect = {{ exit = "success", downloads = 0 }}
"""
    warnings = [it for it in reads(table).warnings if "needs Python" in it.text]
    assert [it.text for it in warnings] == ([] if text is None else [text])
    assert all(it.key_path == "steps[1]" and it.hint.startswith("say python") for it in warnings)


@pytest.mark.parametrize(
    ("installer", "command", "reads"),
    [
        ("poetry", "poetry -n install", True),
        ("poetry", "poetry -n config repositories.a https://a.example", False),
        ("pdm", "pdm -v sync", True),
        ("pdm", "pdm cache clear", False),
        ("pip", "pip -v install six", False),
        ("uv", "uv tree --offline", True),
        ("nab", "nab sync", False),
    ],
)
def test_only_commands_that_read_the_project_are_bound_to_its_python(
    installer: str, command: str, reads: bool
) -> None:
    """A command that does not read the project can use a Python that the project excludes."""
    case = scenario([{"command": {installer: command}}], **TOO_NEW)
    assert bool([*excluded_pythons(case, installer, lambda _: platform.python_version())]) is reads
