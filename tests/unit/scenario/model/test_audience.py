"""The installers that can play a scenario."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.model.audience import own_words, step_for_nobody, why_not_for

NEUTRAL: dict[str, Any] = {"project": {"dependencies": ["six"]}}
UV: dict[str, Any] = {"project-files": {"uv": "[project]"}}
BOTH: dict[str, Any] = {**NEUTRAL, **UV}
SYNC = {"do": "sync"}


def edit(**keys: Any) -> dict[str, Any]:
    """Return a step with the verb ``edit``."""
    return {"do": "edit", **keys}


def asked(installer: str, *steps: dict[str, Any], **tables: Any) -> str:
    """Return the reason why an installer cannot play a scenario with these steps."""
    scenario = Scenario.model_validate({"title": "t", "steps": [*steps, SYNC], **tables})
    return why_not_for(scenario, installer)


@pytest.mark.parametrize(
    ("tables", "step", "reason"),
    [
        ({}, {"command": {"uv": "uv sync"}}, "step 1 is a command line only for uv"),
        (
            {},
            {"command": {"uv": "uv sync", "poetry": "poetry sync"}},
            "step 1 is a command line only for poetry and uv",
        ),
        (
            {},
            {**SYNC, "env": {"UV_OFFLINE": "1", "POETRY_INSTALLER_PARALLEL": "0"}},
            "step 1 sets only variables of poetry and uv (env)",
        ),
        (
            {},
            {**SYNC, "release": {"uv": "==0.8.0", "pip": "==26.1"}},
            "step 1 names another release only for pip and uv",
        ),
        (UV, SYNC, "its project file is only for uv (project-files)"),
        (
            {**UV, "project": {"name": "a", "requires-python": ">=3.11"}},
            SYNC,
            "its project file is only for uv (project-files)",
        ),
        (
            {},
            edit(**UV),
            "step 1 changes only the project file of uv (project-files)",
        ),
        (
            {**NEUTRAL, "project-files": {"pdm": "", "uv": ""}},
            edit(**UV),
            "step 1 changes only the project file of uv (project-files)",
        ),
        (
            {"project-files": {"pdm": "", "uv": ""}},
            edit(**BOTH),
            "step 1 changes only the project file of uv (project-files)",
        ),
        (
            {**NEUTRAL, "project-files": {"pdm": ""}},
            edit(**NEUTRAL),
            "step 1 changes the neutral project, and pdm has a project file of its own: also set "
            "project-files.pdm in the step",
        ),
        ({"files": {"project/uv.toml": ""}}, SYNC, "project/uv.toml is only for uv"),
        (
            {"files": {"project/uv.lock": "", "project/poetry.lock": ""}},
            SYNC,
            "project/uv.lock is only for poetry and uv",
        ),
        (
            {},
            edit(files={"project/poetry.toml": ""}),
            "step 1: project/poetry.toml is only for poetry",
        ),
    ],
)
def test_word_for_others_alone_is_a_reason(
    tables: dict[str, Any], step: dict[str, Any], reason: str
) -> None:
    """An installer skips a scenario if a part of it is only for other installers."""
    assert asked("pdm", step, **tables) == reason


@pytest.mark.parametrize(
    ("installer", "tables", "step"),
    [
        ("pdm", {}, SYNC),
        ("uv", UV, {"command": {"uv": "uv sync", "pip": "pip list"}}),
        ("uv", UV, edit(**UV)),
        ("uv", NEUTRAL, edit(**BOTH)),
        ("pdm", BOTH, SYNC),
        ("pdm", {**UV, "project": {"dependencies": []}}, SYNC),
        ("pdm", {**UV, "project": {"dependency-groups": {"dev": ["six"]}}}, SYNC),
        ("pdm", BOTH, edit(**BOTH)),
        ("pdm", BOTH, edit(sources={}, **UV)),
        ("pdm", BOTH, edit(files={"project/a.txt": ""})),
        ("uv", BOTH, edit(files={"project/uv.toml": "", "project/pdm.toml": ""})),
        ("reference", {"files": {"project/pylock.toml": ""}}, SYNC),
    ],
)
def test_word_for_all_or_for_the_installer_is_none(
    installer: str, tables: dict[str, Any], step: dict[str, Any]
) -> None:
    """An installer plays a scenario with files for it, or with a project for all installers."""
    assert asked(installer, step, **tables) == ""


def test_file_that_an_edit_brings_is_the_installers_own_from_then_on() -> None:
    """After an edit with ``project-files.uv``, uv can no longer play edits of ``[project]``."""
    reason = asked("uv", edit(**BOTH), edit(**NEUTRAL), **NEUTRAL)
    assert reason.startswith("step 2 changes the neutral project, and uv has a project file")
    assert asked("pdm", edit(**BOTH), edit(**NEUTRAL), **NEUTRAL) == ""


ELSEWHERE = "its project file is only for uv (project-files)"
OWN = (
    "step 2 changes the neutral project, and uv has a project file of its own: also set "
    "project-files.uv in the step"
)


@pytest.mark.parametrize(
    ("tables", "steps", "found"),
    [
        (UV, [SYNC, edit(**NEUTRAL), SYNC], (1, {"uv": OWN})),
        (BOTH, [SYNC, edit(**NEUTRAL), SYNC], None),
        (UV, [SYNC, edit(**UV), SYNC], None),
        (NEUTRAL, [SYNC, edit(**NEUTRAL)], None),
        (
            UV,
            [{"command": {"pdm": "pdm sync"}}],
            (0, {"pdm": ELSEWHERE, "uv": "step 1 is a command line only for pdm"}),
        ),
    ],
)
def test_step_at_which_the_last_installer_drops_out_is_found(
    tables: dict[str, Any], steps: list[dict[str, Any]], found: Any
) -> None:
    """The step from which on no installer can play a scenario is found, with the reasons."""
    scenario = Scenario.model_validate({"title": "t", "steps": steps, **tables})
    assert step_for_nobody(scenario) == found


@pytest.mark.parametrize(
    ("tables", "steps", "words"),
    [
        (NEUTRAL, [SYNC, edit(project={"dependencies": ["six>1"]})], ""),
        ({"local-projects": {"mine": {"path": "libs/mine"}}}, [SYNC], ""),
        (UV, [SYNC], "a project file of its own (project-files.uv)"),
        ({"files": {"project/uv.toml": ""}}, [SYNC], "a file of its own (project/uv.toml)"),
        ({}, [SYNC, {"command": {"uv": "uv sync"}}], "a command line of its own (step 2)"),
        ({}, [{**SYNC, "env": {"UV_OFFLINE": "1"}}], "variables of its own (step 1)"),
        (NEUTRAL, [SYNC, edit(**UV)], "a file of its own (step 2)"),
        (NEUTRAL, [edit(files={"requirements.txt": "six"}), SYNC], "a file of its own (step 1)"),
    ],
)
def test_own_words_are_commands_variables_and_files(
    tables: dict[str, Any], steps: list[dict[str, Any]], words: str
) -> None:
    """Verbatim commands, variables and files are a scenario's own words, but verbs are not."""
    assert own_words(Scenario.model_validate({"title": "t", "steps": steps, **tables})) == words
