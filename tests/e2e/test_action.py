"""The GitHub Action ``.github/actions/play``, whose steps are run as by a GitHub runner."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
FILE = ROOT / ".github" / "actions" / "play" / "action.yml"
ACTION: dict[str, Any] = YAML(typ="safe").load(FILE.read_text(encoding="utf-8"))
STEPS: dict[str, dict[str, Any]] = {step["name"]: step for step in ACTION["runs"]["steps"]}

REPORT = """\
title = "six comes once"
[indexes.pypi]
url = "https://pypi.org/simple"
packages.six."1.17.0" = {}
[[steps]]
do = "install"
requirements = ["six"]
expect = { downloads = { six = 1 } }
"""


def filled(text: str, inputs: dict[str, str]) -> str:
    """Return a text with its expressions filled in, as a runner does."""
    values = {f"inputs.{name}": value for name, value in inputs.items()}
    values["github.action_path"] = str(FILE.parent)
    return re.sub(r"\$\{\{ *([\w.]+) *\}\}", lambda found: values[found[1]], text)


def play(folder: Path, **given: str) -> tuple[int, str, str]:
    """Run the step ``Play`` of the action; return its exit code, its output and the job summary."""
    defaults = {name: told["default"] for name, told in ACTION["inputs"].items()}
    (folder / "temp").mkdir()
    # This venv stands for the one that the step before makes.
    (folder / "temp" / "indexcache").symlink_to(sys.prefix)
    step = STEPS["Play"]
    own = {name: filled(text, defaults | given) for name, text in step["env"].items()}
    files = {
        "RUNNER_TEMP": folder / "temp",
        "GITHUB_OUTPUT": folder / "output",
        "GITHUB_STEP_SUMMARY": folder / "summary",
    }
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=folder,
        env={**os.environ, **own, **{name: str(path) for name, path in files.items()}},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    summary = files["GITHUB_STEP_SUMMARY"]
    return done.returncode, done.stdout, summary.read_text() if summary.is_file() else ""


def test_action_is_composite_and_safe() -> None:
    """Each step of the action has a shell, and no script has an expression that could run code."""
    assert ACTION["runs"]["using"] == "composite"
    assert list(ACTION["inputs"]) == ["scenarios", "installer", "baseline"]
    for step in STEPS.values():
        assert step["shell"] == "bash"
        assert "${{" not in step["run"]
    package = filled(STEPS["Install"]["env"]["PACKAGE"], {})
    assert (Path(package) / "pyproject.toml").samefile(ROOT / "pyproject.toml")


def test_scenarios_are_played_and_shown_in_the_summary(tmp_path: Path) -> None:
    """The action's outputs name existing reports, and its summary lists the plays."""
    (tmp_path / "my report.toml").write_text(REPORT, encoding="utf-8")
    code, said, summary = play(tmp_path, scenarios="my report.toml\n", installer="reference\n")
    assert code == 0, said
    assert "1 passed" in said
    assert "my report" in summary
    outputs = dict(line.split("=", 1) for line in (tmp_path / "output").read_text().splitlines())
    assert set(outputs) == set(ACTION["outputs"])
    assert all(Path(file).is_file() for file in outputs.values())


def test_failure_fails_the_step_and_is_in_the_summary(tmp_path: Path) -> None:
    """A failed play fails the job, and the summary shows the failed check."""
    text = REPORT.replace("six = 1 }", "six = 7 }")
    (tmp_path / "report.toml").write_text(text, encoding="utf-8")
    code, said, summary = play(tmp_path, scenarios="report.toml")
    assert code == 1, said
    assert "downloads.six" in summary


@pytest.mark.parametrize("name", ["scenarios", "installer", "baseline"])
def test_input_is_no_command(tmp_path: Path, name: str) -> None:
    """The value of an input of the action is always an argument, never a command."""
    code, said, _ = play(tmp_path, **{name: "$(touch made); `touch made`; touch made #\n--co"})
    assert code not in (0, 1), said
    assert not (tmp_path / "made").exists()
