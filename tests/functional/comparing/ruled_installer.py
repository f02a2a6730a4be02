"""An installer whose releases follow given rules: the reference installer under another name.

Worker processes import this module by its name, like any external adapter, so it must not import
other modules of the tests.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.version import Version

from pytest_indexcache.errors import InstallerStartError, InstallerUnavailableError
from pytest_indexcache.installers.contract.caches import CachedEntry, CacheQuery
from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.installers.contract.installer import (
    InstallerSpec,
    LockedPackage,
    Network,
    Outcome,
    Workspace,
)
from pytest_indexcache.installers.processes.process import run_command
from pytest_indexcache.installers.reference.adapter import ReferenceAdapter

if TYPE_CHECKING:
    from pytest_indexcache.installers.contract.supply import Supply
    from pytest_indexcache.scenario.model import Scenario
    from pytest_indexcache.scenario.tables.steps import AnyStep, InstallerVerb

RULES = "RULES_OF_RULED"
"""The variable with the rules: ``bad=0-19 gone=7,8``, where releases are given by number.

The number of a release of ``ruled`` is its minor version. For ``patched``, it is the minor version
times ten, plus the patch.
"""

WAITING = "WAITING_RULED"
"""The variable with the folder in which the rule ``waits`` records the processes it started."""


def rules() -> dict[str, set[int]]:
    """Read the rules."""
    found: dict[str, set[int]] = {}
    for rule in os.environ.get(RULES, "").split():
        name, _, numbers = rule.partition("=")
        for part in numbers.split(","):
            first, _, last = part.partition("-")
            found.setdefault(name, set()).update(range(int(first), int(last or first) + 1))
    return found


class RuledInstaller:
    """A release of the installer: with the rule ``bad``, it obeys no-store."""

    is_embedded = True

    def __init__(self, spec: InstallerSpec, supply: Supply) -> None:
        self.spec = spec
        self.version = supply.version
        version = Version(self.version)
        number = version.minor * 10 + version.micro if spec.name == "patched" else version.minor
        self._traits = {name for name, numbers in rules().items() if number in numbers}
        variant = "obey-no-store" if "bad" in self._traits else None
        self._reference = ReferenceAdapter(InstallerSpec("reference", variant=variant))

    def lacks(self, scenario: Scenario) -> str | None:
        """Return a reason to skip every play if the rule of the release is ``lacks``."""
        if "lacks" in self._traits:
            return f"ruled {self.version} has no verbs: they came later"
        return self._reference.lacks(scenario)

    def write_project(self, scenario: Scenario, folder: str, workspace: Workspace) -> None:
        """Write the project as the reference installer does."""
        if "flaky" in self._traits:
            self._take_turns()
        self._reference.write_project(scenario, folder, workspace)

    def play(
        self, step: InstallerVerb, scenario: Scenario, workspace: Workspace, network: Network
    ) -> Outcome:
        """Play a step, unless a rule says otherwise."""
        if "gone" in self._traits:
            raise InstallerUnavailableError(str(self.spec), "there is no wheel for this platform")
        if "breaks" in self._traits:
            raise InstallerStartError(str(self.spec), "it does not start")
        if "crashes" in self._traits:
            raise RuntimeError("a defect of the harness")
        if "dies" in self._traits:
            os.kill(os.getpid(), signal.SIGKILL)
        if "silent" in self._traits:
            return Outcome(ExitKind.FAILURE, 1, "ruled sync", "invalid peer certificate")
        if "waits" in self._traits:
            _wait(workspace.root)
        outcome = self._reference.play(step, scenario, workspace, network)
        if "early" in self._traits:
            return replace(outcome, exit=ExitKind.FAILURE, exit_code=1)
        if "panics" in self._traits and step.name == "again":
            return replace(outcome, exit=ExitKind.CRASH, exit_code=101)
        return outcome

    def _take_turns(self) -> None:
        """Misbehave in every second play."""
        turn = Path(os.environ[WAITING], f"turn-{self.version}")
        is_bad = not turn.exists()
        turn.touch() if is_bad else turn.unlink()
        variant = "obey-no-store" if is_bad else None
        self._reference = ReferenceAdapter(InstallerSpec("reference", variant=variant))

    def lockfile_of(self, step: AnyStep) -> str:
        """Return the name of the reference installer's lockfile."""
        return self._reference.lockfile_of(step)

    def cached_entries(self, cache: Path, query: CacheQuery) -> Iterable[CachedEntry]:
        """Return entries of the reference installer's cache."""
        return self._reference.cached_entries(cache, query)

    def locked(self, folder: Path) -> Mapping[str, tuple[LockedPackage, ...]]:
        """Read the reference installer's lockfile."""
        return self._reference.locked(folder)


def _wait(folder: Path) -> None:
    """Run a command that takes minutes, and record its process id."""
    tell = (
        "import os, pathlib, sys, time; "
        "pathlib.Path(sys.argv[1], str(os.getpid())).touch(); time.sleep(600)"
    )
    command = [sys.executable, "-I", "-c", tell, os.environ[WAITING]]
    run_command(command, folder=folder, environment={}, limit=600)
