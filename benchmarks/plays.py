"""What a play with a real installer costs beside the same commands typed by hand.

``python -m benchmarks.plays [--rounds N] [--installer SPEC]`` plays every scenario of the
catalogue that consists of commands alone, and runs the commands that the play showed, in a shell,
in an equal workspace, against the same gateway, in turn. It prints medians in milliseconds, the
ratio, and what a play adds. Deleting the workspace afterwards is in neither.
"""

from __future__ import annotations

import argparse
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.index.wire.gateway import Gateway
from pytest_indexcache.installers.contract.installer import Installer, Workspace
from pytest_indexcache.installers.processes.isolation import clean_environment
from pytest_indexcache.installers.provisioning.provision import provision
from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.run.plays.records.step_ledger import StepLedger
from pytest_indexcache.run.plays.results import PlayResult, Verdict
from pytest_indexcache.run.plays.runner import Play, play
from pytest_indexcache.run.plays.transports import on_the_wire
from pytest_indexcache.scenario.loader import load_scenario
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.steps import InstallerStep
from pytest_indexcache.scenario_files import catalogue_folder, scenario_files


@dataclass(frozen=True)
class Contest:
    """A scenario, who plays it, and what a person would type instead."""

    path: Path
    scenario: Scenario
    installer: Installer
    gateway: Gateway
    script: str
    files: Mapping[str, str]

    def play(self) -> float:
        """Play; return the seconds from the file of the scenario to the result."""
        started = time.perf_counter()
        root = Path(tempfile.mkdtemp())
        played(self.path, load_scenario(self.path), self.installer, self.gateway, root)
        seconds = time.perf_counter() - started
        shutil.rmtree(root)
        return seconds

    def type_by_hand(self) -> float:
        """Run the commands in a shell; return the seconds from the first to the last."""
        workspace = Workspace(Path(tempfile.mkdtemp()))
        for path, text in self.files.items():
            target = workspace.root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        workspace.folder("project").mkdir(exist_ok=True)
        connect = on_the_wire(self.gateway, time.time)
        with connect(FakeIndexes(self.scenario.indexes), StepLedger().record) as network:
            variables = clean_environment(workspace, network, Path(sys.executable))
            variables |= {"UV_CACHE_DIR": str(workspace.cache / "uv")}
            started = time.perf_counter()
            subprocess.run(
                ["/bin/sh", "-ec", self.script],
                cwd=workspace.folder("project"),
                env=variables,
                check=True,
                capture_output=True,
            )
            seconds = time.perf_counter() - started
        shutil.rmtree(workspace.root)
        return seconds


def played(
    path: Path, scenario: Scenario, installer: Installer, gateway: Gateway, root: Path
) -> PlayResult:
    """Play a scenario on the wire."""
    connect = on_the_wire(gateway, time.time)
    return play(Play(scenario, path.stem, installer, connect, "wire"), root)


def contest(path: Path, installer: Installer, gateway: Gateway, executable: Path) -> Contest | None:
    """Make a contest; None for a scenario that is not played to its end, or is not all commands."""
    scenario = load_scenario(path)
    root = Path(tempfile.mkdtemp())
    result = played(path, scenario, installer, gateway, root)
    shutil.rmtree(root)
    is_typed = all(isinstance(step, InstallerStep) for step in scenario.steps)
    if result.verdict is not Verdict.PASSED or not is_typed or scenario.python:
        return None
    if any(not step.succeeded or step.exit_code for step in result.steps):
        return None
    if any(getattr(step, "folder", "project") != "project" for step in scenario.steps):
        return None
    if any(step.expect.imports for step in scenario.steps):
        return None  # what starts Python for a check has no counterpart by hand
    script = "\n".join(_line(step.command, executable) for step in result.steps)
    files = next((step.files for step in result.steps if step.files), {})
    return Contest(path, scenario, installer, gateway, script, files)


def _line(command: str, executable: Path) -> str:
    words = shlex.split(command)
    if words[0] == "rm":
        return "rm -rf .venv"
    uv, python = shlex.quote(str(executable)), shlex.quote(sys.executable)
    typed = f"{uv} {shlex.join(words[1:])}"
    # To uv pip UV_PYTHON would name what to install into.
    if words[1] == "pip":
        return f"test -d .venv || {uv} venv -q --python {python} .venv; {typed}"
    return f"UV_PYTHON={python} UV_PYTHON_PREFERENCE=only-system {typed}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--installer", metavar="RELEASE", default="0.13.8", help="a release of uv")
    arguments = parser.parse_args()
    installer = create_installer(f"uv=={arguments.installer}")
    executable = provision("uv", arguments.installer).executable
    print(f"{'milliseconds, medians':44}{'played':>8}{'by hand':>9}{'ratio':>7}{'more':>7}")
    rows = []
    with Gateway(clock=time.time) as gateway:
        for path in scenario_files(catalogue_folder()):
            found = contest(path, installer, gateway, executable)
            if found is None:
                continue
            pairs = [(found.play(), found.type_by_hand()) for _ in range(arguments.rounds)]
            by_play, by_hand = (1000 * statistics.median(it) for it in zip(*pairs, strict=True))
            rows.append((by_play, by_hand))
            _print(path.stem, by_play, by_hand)
    by_play, by_hand = (statistics.mean(it) for it in zip(*rows, strict=True))
    _print("mean of a scenario", by_play, by_hand)


def _print(name: str, by_play: float, by_hand: float) -> None:
    ratio, more = by_play / by_hand, by_play - by_hand
    print(f"{name:44}{by_play:8.0f}{by_hand:9.0f}{ratio:7.2f}{more:7.0f}", flush=True)


if __name__ == "__main__":
    main()
