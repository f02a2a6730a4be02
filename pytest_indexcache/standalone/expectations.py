"""Convert expectations to plain data for an exported script."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from pytest_indexcache.index.documents.sdists import write_local_project
from pytest_indexcache.installers.commands.dialect import Dialect
from pytest_indexcache.run.plays.goals.satisfaction import GoalCheck, goal_of
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.counts import amount_in_bytes
from pytest_indexcache.scenario.tables.expectation import Expectation, Locked
from pytest_indexcache.scenario.tables.fields import key_of
from pytest_indexcache.scenario.tables.steps import InstallerStep
from pytest_indexcache.system.urls import without_credentials

_COUNTED: Final = frozenset({"downloads", "revalidated", "requests", "requests_to", "fields"})
_AMOUNTS: Final = frozenset({"bytes_", "nominal"})
_OF_VENVS: Final = frozenset(
    (
        "installed",
        "installed_count",
        "absent",
        "added",
        "removed",
        "reinstalled",
        "builds_of",
        "origin",
        "editable",
        "venv_files",
        "imports",
        "check",
    )
)
_OF_STEPS: Final = frozenset({"exit", "lockfile", "locked", "output", "builds", "satisfied"})
_JUDGED: Final = _COUNTED | _AMOUNTS | _OF_VENVS | _OF_STEPS
"""The expectations that a script checks. It only lists the names of other expectations."""


def expected_data(expect: Expectation, scenario: Scenario) -> dict[str, Any]:
    """Return the expectations that the script checks, and the keys of those it does not check."""
    given = expect.model_fields_set
    judged = {key_of(name).rstrip("_"): _value(name, expect, scenario) for name in given & _JUDGED}
    judged = {key: value for key, value in judged.items() if value is not None}
    judged.setdefault("exit", "success")
    left_out = sorted(key_of(name) for name in given - _JUDGED)
    if expect.exit == "limit":
        left_out.append("exit")
        judged["exit"] = "any"
    return {"expect": judged, "not_judged": left_out}


def _value(name: str, expect: Expectation, scenario: Scenario) -> Any:
    """Return the value of an expectation as plain data; sizes are converted to numbers of bytes."""
    value = getattr(expect, name)
    if name == "locked":
        return {project: _locked(wish, scenario) for project, wish in value.items()}
    if name == "output":
        return value and {"contains": list(value.contains), "lacks": list(value.lacks)}
    if name not in _AMOUNTS or value is None:
        return value
    if isinstance(value, Mapping):
        return {pattern: amount_in_bytes(amount) for pattern, amount in value.items()}
    return amount_in_bytes(value)


def _locked(wanted: Locked, scenario: Scenario) -> dict[str, Any]:
    """Return an expected lockfile entry, with the index's URL in place of its name."""
    parts = {key: value for key, value in wanted.model_dump().items() if value is not None}
    if wanted.index is not None:
        url = scenario.indexes[wanted.index].url
        parts["index"] = without_credentials(url).rstrip("/")
    return parts


def wanted_data(step: InstallerStep, current: Scenario, dialect: Dialect) -> dict[str, Any]:
    """Return the requirements that the venv must meet after a successful step, as ``wanted``.

    If the step has no such requirements, the result is empty. If they depend on a file that is
    written during the play, the result contains ``unknown_goal``, the reason why they are not
    checked.
    """
    goal, expect = goal_of(step, dialect.name), step.expect
    if goal is None or not expect.satisfied or expect.exit not in ("success", "any", 0):
        return {}
    with TemporaryDirectory(prefix="indexcache-export-") as root:
        folder = Path(root, step.folder)
        _write(Path(root), current.files)
        _write(folder, dialect.written_files(current))
        for name, project in current.local_projects.items():
            write_local_project(Path(root, project.path), name, project)
        if any(not (folder / file).is_file() for file in goal.files):
            return {"unknown_goal": "satisfied: the step installs from a file of another step"}
        check = GoalCheck(goal, folder, folder / ".venv", {}, lambda: {*current.project_names})
        wanted = dict.fromkeys(map(str, check.requirements))
    is_frozen = goal.frozen and goal.project
    return {"wanted": [*wanted], "wanted_if_locked": is_frozen, "wants_venv": goal.project}


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
