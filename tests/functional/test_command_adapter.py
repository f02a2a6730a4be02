"""Adapters of command-line installers, run with a substitute that records its calls."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from pytest_indexcache.errors import (
    CapabilityError,
    InstallerError,
    InstallerStartError,
    PlayError,
    UnsupportedPythonError,
)
from pytest_indexcache.installers.commands.adapter import CommandAdapter
from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.installers.contract.installer import (
    InstallerSpec,
    Network,
    Outcome,
    Workspace,
)
from pytest_indexcache.installers.contract.supply import ProvisionedInstaller, Supply
from pytest_indexcache.installers.pdm.dialect import PdmAdapter
from pytest_indexcache.installers.pip.dialect import PipAdapter
from pytest_indexcache.installers.poetry.dialect import PoetryAdapter
from pytest_indexcache.installers.processes.step_limits import StepLimits
from pytest_indexcache.installers.provisioning.pythons import interpreter_for
from pytest_indexcache.installers.uv.dialect import UvAdapter
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.system.pythons.interpreter import running_interpreter

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script with a shebang")

PROGRAM = f"""#!{sys.executable} -I
import json, os, signal, sys, time
said = {{"argv": sys.argv[1:], "folder": os.getcwd(), "environment": dict(os.environ)}}
with open(os.path.join(os.path.dirname(__file__), "runs.jsonl"), "a") as file:
    print(json.dumps(said), file=file)
"""


class Stage:
    """A workspace, and a substitute for an installer that runs replaceable code."""

    def __init__(self, root: Path) -> None:
        self.executable = root / "bin" / "stand-in"
        self.executable.parent.mkdir()
        self.workspace = Workspace(root / "workspace")
        self.workspace.folder("project").mkdir(parents=True)
        self.behave("print('done')")

    def behave(self, code: str) -> None:
        """Make the substitute run this code after it has recorded its call."""
        self.executable.write_text(PROGRAM + code + "\n")
        self.executable.chmod(0o755)

    @property
    def runs(self) -> list[dict[str, Any]]:
        """Return the recorded calls of the substitute."""
        file = self.executable.parent / "runs.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def adapter(
        self, kind: type[CommandAdapter], version: str, limit: float = 60
    ) -> CommandAdapter:
        """Return an adapter that runs the substitute as its installer."""
        name = kind.dialect_class.name

        def supply(_: str, release: str, extras: tuple[str, ...] = ()) -> Supply:
            installer = ProvisionedInstaller(name, release, self.executable, None)
            return Supply(lambda: installer, release)

        spec = InstallerSpec.parse(f"{name}=={version}")
        return kind(
            spec, supply(name, version), supply_release=supply, limits=StepLimits(seconds=limit)
        )

    def play(
        self,
        kind: type[CommandAdapter],
        version: str,
        step: dict[str, Any],
        *,
        limit: float = 60,
        **keys: Any,
    ) -> Outcome:
        """Play one step."""
        scenario = Scenario.model_validate({"title": "t", "steps": [step], **keys})
        adapter = self.adapter(kind, version, limit)
        adapter.write_project(scenario, "project", self.workspace)
        verb: Any = scenario.steps[0]
        return adapter.play(verb, scenario, self.workspace, Network(time.time))


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Return a stage in its own folder."""
    return Stage(tmp_path)


def test_command_runs_in_the_projects_folder_with_a_clean_environment(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An installer gets only the variables of its adapter, and none from the user's environment."""
    monkeypatch.setenv("UV_INDEX_URL", "https://poison.example.com")
    outcome = stage.play(UvAdapter, "0.13.8", {"do": "sync"}, project={"dependencies": ["six"]})
    (run,) = stage.runs
    assert run["argv"] == ["sync"]
    assert run["folder"] == str(stage.workspace.folder("project"))
    assert "UV_INDEX_URL" not in run["environment"]
    assert run["environment"]["UV_CACHE_DIR"] == str(stage.workspace.cache / "uv")
    assert (outcome.succeeded, outcome.exit_code, outcome.command) == (True, 0, "uv sync")
    assert outcome.output == "$ uv sync\ndone\n"
    assert "six" in outcome.files["project/pyproject.toml"]


def test_venv_is_there_before_uv_pip_and_not_before_uv(stage: Stage) -> None:
    """The adapter makes a venv before ``uv pip``, but not before ``uv sync``, which makes it."""
    stage.play(UvAdapter, "0.13.8", {"do": "sync"})
    assert not stage.workspace.venv("project", None).exists()
    stage.play(UvAdapter, "0.13.8", {"do": "install", "requirements": ["six"]})
    assert (stage.workspace.venv("project", None) / "pyvenv.cfg").exists()


def test_another_venv_is_made_named_and_shown(stage: Stage) -> None:
    """If a step names another venv, the adapter makes it and names it in the printed command."""
    step = {"do": "uninstall", "projects": ["six"], "venv": "other"}
    outcome = stage.play(UvAdapter, "0.13.8", step)
    venv = stage.workspace.venv("project", "other")
    assert outcome.command == "VIRTUAL_ENV=../other uv pip uninstall six"
    assert stage.runs[-1]["environment"]["VIRTUAL_ENV"] == str(venv)
    assert (venv / "pyvenv.cfg").exists()


def test_files_of_a_command_are_written_and_told(stage: Stage) -> None:
    """Overrides are written into a file, and the outcome contains that file."""
    step = {"do": "install", "requirements": ["a"], "overrides": ["b==1"]}
    outcome = stage.play(UvAdapter, "0.13.8", step)
    assert outcome.files == {"project/overrides.txt": "b==1\n"}
    assert (stage.workspace.folder("project") / "overrides.txt").read_text() == "b==1\n"


def test_nothing_is_locked_where_the_lock_is_good(stage: Stage) -> None:
    """Poetry's ``lock`` is run only if its ``check --lock`` fails."""
    outcome = stage.play(PoetryAdapter, "2.5.1", {"do": "sync"})
    assert [run["argv"] for run in stage.runs] == [["check", "--lock"], ["sync"]]
    assert outcome.command == "poetry check --lock || poetry lock\npoetry sync"
    stage.behave("sys.exit('check' in sys.argv)")
    stage.play(PoetryAdapter, "2.5.1", {"do": "sync"})
    assert [run["argv"] for run in stage.runs[2:]] == [["check", "--lock"], ["lock"], ["sync"]]


def test_first_command_that_fails_is_the_last(stage: Stage) -> None:
    """After a failed command no other command is run, and the step has that command's exit code."""
    stage.behave(
        "print('no'); sys.exit(3 if 'lock' in sys.argv else 1 if 'check' in sys.argv else 0)"
    )
    outcome = stage.play(PoetryAdapter, "2.5.1", {"do": "sync"})
    assert (outcome.succeeded, outcome.exit_code) == (False, 3)
    assert [run["argv"][0] for run in stage.runs] == ["check", "lock"]


def test_failure_that_says_nothing_is_forgiven(stage: Stage) -> None:
    """With old pip releases, a silent failure of ``pip cache purge`` counts as success."""
    stage.behave("sys.exit(1)")
    outcome = stage.play(PipAdapter, "20.1", {"do": "clear-cache"})
    assert (outcome.succeeded, outcome.command) == (True, "pip cache purge || true")
    assert not stage.play(PipAdapter, "26.3", {"do": "clear-cache"}).succeeded


def test_command_that_does_not_end_fails_and_says_so(stage: Stage) -> None:
    """A command that reaches its time limit has exit code 124, and its output so far is kept."""
    stage.behave("print('waiting', flush=True); time.sleep(600)")
    outcome = stage.play(UvAdapter, "0.13.8", {"do": "lock"}, limit=1)
    assert (outcome.exit, outcome.exit_code) == (ExitKind.HANG, 124)
    assert "waiting\n" in outcome.output
    assert "[ended: it did not end within 1 s]" in outcome.output


def test_killed_installer_and_an_aborted_one_crashed(stage: Stage) -> None:
    """SIGKILL marks an installer as killed, and SIGABRT as crashed."""
    stage.behave("os.kill(os.getpid(), signal.SIGKILL)")
    outcome = stage.play(UvAdapter, "0.13.8", {"do": "lock"})
    note = "SIGKILL ended it in the middle of a step"
    assert (outcome.exit, outcome.exit_note) == (ExitKind.KILLED, note)
    stage.behave("os.kill(os.getpid(), signal.SIGABRT)")
    assert stage.play(UvAdapter, "0.13.8", {"do": "lock"}).exit is ExitKind.CRASH


def test_outcome_names_the_release_that_played_the_step(stage: Stage) -> None:
    """The outcome of a step with ``release`` names that release."""
    assert stage.play(UvAdapter, "0.13.8", {"do": "lock"}).release == "0.13.8"
    other = {"do": "lock", "release": "==0.8.0"}
    assert stage.play(UvAdapter, "0.13.8", other).release == "0.8.0"


def test_installer_that_cannot_start_is_an_error(stage: Stage) -> None:
    """An installer that cannot be started is an error, not a failed step."""
    stage.executable.unlink()
    with pytest.raises(InstallerStartError, match="there is no such file"):
        stage.play(UvAdapter, "0.13.8", {"do": "lock"})


def test_usage_error_is_told_with_the_words_that_are_not_known(stage: Stage) -> None:
    """The note about a usage error quotes the argument that the installer does not know."""
    stage.behave("print(\"error: unexpected argument '--x' found\"); sys.exit(2)")
    outcome = stage.play(UvAdapter, "0.13.8", {"do": "lock"})
    assert (outcome.exit, outcome.exit_code) == (ExitKind.USAGE, 2)
    assert outcome.exit_note == "unexpected argument '--x' found"


WARNING = "warning: Failed to parse `pyproject.toml` during settings discovery:"


@pytest.mark.parametrize(
    ("step", "keys", "kind"),
    [
        ({"do": "lock"}, {}, InstallerError),
        ({"command": {"uv": "uv lock"}}, {}, CapabilityError),
        ({"do": "lock"}, {"project-files": {"uv": ""}}, CapabilityError),
        ({"do": "lock"}, {"files": {"project/uv.toml": ""}}, CapabilityError),
    ],
)
@pytest.mark.parametrize("exit_code", [0, 2])
def test_settings_that_a_release_ignores_are_no_conditions_of_a_play(
    stage: Stage, exit_code: int, step: dict[str, Any], keys: dict[str, Any], kind: type[Exception]
) -> None:
    """A release that warns that it ignores the scenario's settings is not judged."""
    stage.behave(f"print({WARNING!r}); print('  unknown field `index`'); sys.exit({exit_code})")
    with pytest.raises(kind, match=r"ignores settings .* unknown field `index`") as caught:
        stage.play(UvAdapter, "0.13.8", step, **keys)
    assert type(caught.value) is kind


def test_warning_of_ignored_settings_can_be_expected(stage: Stage) -> None:
    """A warning of ignored settings is not an error if the step expects it."""
    stage.behave(f"print({WARNING!r})")
    expect = {"output": {"contains": ["Failed to parse `pyproject.toml` during settings"]}}
    assert stage.play(UvAdapter, "0.13.8", {"do": "lock", "expect": expect}).succeeded


def test_step_of_another_release_is_played_by_it(stage: Stage) -> None:
    """A step with ``release`` is played with the command line of that release."""
    outcome = stage.play(UvAdapter, "0.13.8", {"do": "clear-cache", "release": "==0.1.5"})
    assert outcome.command == "uv clean"


@pytest.mark.parametrize("exit_", ["success", "failure"])
def test_python_that_pdm_would_download_is_what_is_lacking(stage: Stage, exit_: str) -> None:
    """If pdm tries to download a Python, the play is skipped, even if a failure is expected."""
    stage.behave("print('ERROR: Failed to install Python 3.14: 403 Forbidden'); sys.exit(1)")
    step = {"command": {"pdm": "pdm use 3.14"}, "expect": {"exit": exit_}}
    with pytest.raises(CapabilityError, match=r"Python 3.14: pdm finds no such Python"):
        stage.play(PdmAdapter, "2.29.3", step)


def test_python_that_is_not_here_is_what_is_lacking(stage: Stage) -> None:
    """A scenario is skipped if this machine does not have its Python."""
    step = [{"do": "sync"}]
    scenario = Scenario.model_validate({"title": "t", "python": "3.2", "steps": step})
    reason = stage.adapter(UvAdapter, "0.13.8").lacks(scenario)
    assert reason is not None
    assert reason.startswith("no Python 3.2 was found")


def test_what_can_be_played_lacks_nothing(stage: Stage) -> None:
    """If a scenario can be played, the adapter gives no reason to skip, and runs no command."""
    scenario = Scenario.model_validate({"title": "t", "steps": [{"do": "sync"}]})
    assert stage.adapter(UvAdapter, "0.13.8").lacks(scenario) is None
    assert stage.runs == []


def test_pip_is_told_of_the_venvs_python(stage: Stage) -> None:
    """Pip is outside the venv, and gets the venv's Python by ``--python``."""
    stage.play(PipAdapter, "26.3", {"do": "uninstall", "projects": ["six"]})
    python = stage.workspace.venv("project", None) / "bin" / "python"
    assert stage.runs[-1]["argv"] == ["--python", str(python), "uninstall", "--yes", "six"]


@pytest.mark.parametrize("left", ["pyvenv.cfg", "lib/six-1.0.dist-info"])
def test_a_pipe_that_a_build_left_in_the_venv_is_not_read(stage: Stage, left: str) -> None:
    """A named pipe in the venv, left by a command, is refused before the next command."""
    place = f".venv/{left}"
    stage.behave(f"os.path.lexists({place!r}) and os.unlink({place!r})\nos.mkfifo({place!r})")
    with pytest.raises(PlayError, match=f"{left} is a named pipe"):
        stage.play(PipAdapter, "26.3", {"do": "sync-requirements"})


@pytest.mark.parametrize(
    ("kind", "version", "step", "refuses"),
    [
        (PipAdapter, "26.3", {"do": "install", "requirements": ["six"]}, True),
        (PoetryAdapter, "2.5.1", {"do": "lock"}, False),
        (PdmAdapter, "2.25.5", {"do": "lock"}, False),
    ],
)
def test_pip_runs_in_the_python_of_the_scenario_and_others_where_they_can(
    stage: Stage, kind: type[CommandAdapter], version: str, step: dict[str, Any], refuses: bool
) -> None:
    """If the scenario's Python is too old, pip is skipped; poetry and pdm run in another Python."""
    other = next(
        (name for name in ("3.12", "3.13", "3.10", "3.9") if _is_here(name)),
        None,
    )
    if other is None:
        pytest.skip("this machine has no other Python")
    installer = ProvisionedInstaller(kind.dialect_class.name, version, stage.executable, None)

    def provide_for(python: Path) -> ProvisionedInstaller:
        raise UnsupportedPythonError("it", f"does not run in {python}")

    supply = Supply(lambda: installer, version, provide_for)
    adapter = kind(InstallerSpec.parse(f"{kind.dialect_class.name}=={version}"), supply)
    scenario = Scenario.model_validate({"title": "t", "python": other, "steps": [step]})
    verb: Any = scenario.steps[0]
    if refuses:
        with pytest.raises(CapabilityError, match="does not run in"):
            adapter.play(verb, scenario, stage.workspace, Network(time.time))
    else:
        adapter.write_project(scenario, "project", stage.workspace)
        adapter.play(verb, scenario, stage.workspace, Network(time.time))
        assert stage.runs
    running = Scenario.model_validate({"title": "t", "steps": [step]})
    adapter.play(verb, running, stage.workspace, Network(time.time))


def _is_here(version: str) -> bool:
    try:
        return interpreter_for(Scenario.model_validate(_nothing(version))) != running_interpreter()
    except CapabilityError:
        return False


def _nothing(version: str) -> dict[str, Any]:
    return {"title": "t", "python": version, "steps": [{"do": "lock"}]}


def test_a_venv_of_another_python_is_made_anew(stage: Stage) -> None:
    """A step with another Python replaces the venv by a venv of that Python."""
    if not _is_here("3.12"):
        pytest.skip("this machine has no Python 3.12")
    step = {"do": "install", "requirements": ["six"]}
    config = stage.workspace.venv("project", None) / "pyvenv.cfg"
    stage.play(UvAdapter, "0.13.8", step)
    assert "3.12" not in config.read_text()
    (config.parent / "kept").touch()
    stage.play(UvAdapter, "0.13.8", step)
    assert (config.parent / "kept").exists()
    stage.play(UvAdapter, "0.13.8", {**step, "python": "3.12"})
    assert "3.12" in config.read_text()
    assert not (config.parent / "kept").exists()
