"""Files whose nesting is so deep that a parser fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.cli import main
from pytest_indexcache.data_formats import loads_toml
from pytest_indexcache.errors import ReportError, ScenarioError
from pytest_indexcache.reports.json_report import read_json_report
from pytest_indexcache.run.loading import loads_playable
from pytest_indexcache.run.plays.results import Verdict
from pytest_indexcache.scenario.model import Scenario

from .stranger import HEAD, played_unchecked

DEEP = 100_000
JSON = ("[" * DEEP, '{"a":' * DEEP)
TOML = (f"a = {'[' * DEEP}", f"a = {'{a=' * DEEP}", f"a = {'9' * 5000}")


@pytest.mark.parametrize("text", JSON, ids=["arrays", "objects"])
@pytest.mark.parametrize("command", ["merge", "record"])
def test_nested_matrix_is_an_error_of_its_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, text: str
) -> None:
    """If a matrix is nested too deeply, ``merge`` and ``record`` name the file, and exit with 2."""
    file = tmp_path / "matrix.json"
    file.write_text(text)
    assert main([command, str(file)]) == 2
    said = capsys.readouterr().err
    assert f"{file}: it cannot be read as JSON: " in said
    assert "Traceback" not in said


@pytest.mark.parametrize("text", JSON, ids=["arrays", "objects"])
def test_nested_report_is_an_error_of_its_file(tmp_path: Path, text: str) -> None:
    """A JSON report that is nested too deeply raises ReportError."""
    file = tmp_path / "report.json"
    file.write_text(text)
    with pytest.raises(ReportError, match="it cannot be read as JSON"):
        read_json_report(file)


@pytest.mark.parametrize("text", TOML, ids=["arrays", "tables", "number"])
def test_nested_scenario_is_an_error_of_its_file(text: str) -> None:
    """A scenario with too deep nesting, or too long a number, is refused by the check."""
    with pytest.raises(ScenarioError):
        loads_playable(text)


@pytest.mark.parametrize("text", TOML, ids=["arrays", "tables", "number"])
def test_nested_project_file_breaks_no_check(text: str) -> None:
    """A deeply nested project file is reported once, and causes no other problem."""
    step = "[[steps]]\ndo = 'lock'\nexpect.exit = 'failure'\n"
    try:
        loaded = loads_playable(f"{HEAD}[project-files]\nuv = '''\n{text}\n'''\n{step}")
    except ScenarioError as error:
        found = {problem.key_path for problem in error.problems}
    else:
        found = {"project-files.uv"} if loaded.scenario.project_files else set()
    assert found == {"project-files.uv"}


@pytest.mark.parametrize("text", TOML, ids=["arrays", "tables", "number"])
@pytest.mark.parametrize("file", ["project/pylock.toml", "project/pyproject.toml"])
def test_nested_file_of_the_workspace_is_a_refusal(tmp_path: Path, file: str, text: str) -> None:
    """A deeply nested lockfile or project file is refused by the check and breaks no play."""
    scenario = (
        f"{HEAD}[[steps]]\ndo = 'sync'\n"
        f"[[steps]]\ndo = 'edit'\n[steps.files]\n\"{file}\" = '''{text}'''\n"
        "[[steps]]\ndo = 'sync'\nfrozen = true\nexpect.exit = 'failure'\n"
    )
    with pytest.raises(ScenarioError, match="the text is not TOML"):
        loads_playable(scenario)
    result = played_unchecked(Scenario.model_validate(loads_toml(scenario)), tmp_path / "play")
    if file.endswith("pyproject.toml"):
        assert result.verdict is Verdict.ERROR
        assert "pyproject.toml is not TOML" in result.reason
    else:
        assert "cannot be read as TOML" in result.steps[-1].output
        assert result.passed
