"""The steps of a scenario as plain data for an exported script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from packaging.version import Version

from pytest_indexcache.errors import CapabilityError, CommandError
from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.installers.commands.adapter import CommandAdapter
from pytest_indexcache.installers.commands.command_lines import CommandLine
from pytest_indexcache.installers.commands.dialect import Dialect
from pytest_indexcache.installers.contract.supply import ProvisionedInstaller
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.model.edits import after_step, edited
from pytest_indexcache.scenario.tables.counts import amount_in_bytes
from pytest_indexcache.scenario.tables.expectation import Expectation
from pytest_indexcache.scenario.tables.fields import key_of
from pytest_indexcache.scenario.tables.steps import (
    AnyStep,
    ComeBack,
    Delete,
    Edit,
    Fail,
    GoDown,
    InstallerStep,
    InstallerVerb,
    Mend,
    Publish,
    RemoveVenv,
    Replace,
    SetHeaders,
    SetUsers,
    Yank,
)
from pytest_indexcache.standalone.given_files import binary_files, netrc_files
from pytest_indexcache.standalone.recordings import Recorder

ROOT: Final = Path("/@ROOT@")
"""A placeholder for the script's temporary folder, filled in by the script."""

INSTALLER, PYTHON = Path("/@INSTALLER@"), Path("/@PYTHON@")
"""Placeholders for the installer's executable, and for the Python that runs the script."""

_CHANGES: Final = (Publish, Replace, Yank, Delete, SetHeaders, SetUsers, GoDown, ComeBack)
_COUNTED: Final = frozenset({"downloads", "revalidated", "requests", "requests_to", "fields"})
_AMOUNTS: Final = frozenset({"bytes_", "nominal"})
_OF_VENVS: Final = frozenset(
    {"installed", "installed_count", "absent", "added", "removed", "builds_of"}
)
_JUDGED: Final = _COUNTED | _AMOUNTS | _OF_VENVS | {"exit", "lockfile"}
"""The expectations that a script checks. It prints the names of all other expectations."""

_PLAY_IT: Final = "play the scenario with indexcache play"


def demand_exportable(scenario: Scenario) -> None:
    """Raise CommandError if an index has an edge or signed URLs, which no script can imitate."""
    for name, index in scenario.indexes.items():
        for key in ("edge", "signed_urls"):
            if getattr(index, key):
                text = f"indexes.{name}.{key.replace('_', '-')} cannot be in a script"
                raise CommandError(text, _PLAY_IT)


@dataclass
class StepExporter:
    """Converts the steps of a scenario to plain data, with the commands of one installer.

    ``stages`` contains the recorded answers: one recording at the start, and one after each change
    to an index.
    """

    scenario: Scenario
    installer: CommandAdapter
    recorder: Recorder
    stages: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._dialect: Dialect = self.installer.dialect_class(Version(self.installer.version))
        self._indexes = FakeIndexes(self.scenario.indexes, self.recorder.now)
        self.stages.append(self.recorder.record(self._indexes))

    @property
    def root_files(self) -> Mapping[str, str]:
        """Files for the script's temporary folder.

        They keep the installer from searching the parent folders for a project file.
        """
        return self._dialect.root_files()

    def told(self) -> list[dict[str, Any]]:
        """Return the steps as plain data.

        :raises CommandError: if the installer lacks a feature, or if a script cannot play a step
        """
        current, told = self.scenario, []
        for number, step in enumerate(self.scenario.steps, 1):
            told.append(
                {
                    "number": number,
                    "do": step.do,
                    "name": step.name,
                    "wait": step.wait_seconds,
                    **self._one(number, step, current),
                    "stage": len(self.stages) - 1,
                }
            )
            current = edited(current, step) if isinstance(step, Edit) else after_step(current, step)
        try:
            self._dialect.check(self.scenario)
        except CapabilityError as error:
            raise CommandError(error.problem, "choose another installer by --installer") from error
        return told

    def _one(self, number: int, step: AnyStep, current: Scenario) -> dict[str, Any]:
        if isinstance(step, _CHANGES):
            self._indexes.apply(step, self.recorder.now)
            self.stages.append(self.recorder.record(self._indexes))
            return {}
        if isinstance(step, Fail):
            return {"faults": [self.recorder.record_fault(self._indexes, step)]}
        if isinstance(step, Mend):
            return {"mends": step.index}
        if isinstance(step, Edit):
            netrc = netrc_files(edited(current, step)) if step.access else {}
            return {
                "files": {**step.files, **netrc},
                "binaries": binary_files(step.local_files, step.local_projects),
            }
        if not isinstance(step, InstallerStep):
            raise CommandError(f"steps[{number}].do = {step.do!r} cannot be in a script", _PLAY_IT)
        self._demand_plain(number, step)
        expect = _expected(step.expect)
        place = step.venv or f"{step.folder}/.venv"
        if isinstance(step, RemoveVenv):
            return {"removes_venv": True, "venv": place, **expect}
        try:
            lines = self._dialect.with_variables(step, self._dialect.command_lines(step, current))
            files = self._dialect.written_files(current)
        except CapabilityError as error:
            raise CommandError(f"step {number} ({step.do}): {error.problem}", _PLAY_IT) from error
        venv = ROOT / place
        variables = self._dialect.environment(step, venv, PYTHON, ROOT / ".cache")
        own = {name: value for name, value in variables.items() if value != "/"}
        return {
            "files": {f"project/{path}": text for path, text in files.items()},
            "venv": place,
            "needs_venv": self._dialect.needs_venv(step),
            "environment": own,
            "lockfile": f"project/{self._dialect.lockfile_of(step)}",
            "commands": [self._command(number, line, venv) for line in lines],
            **expect,
        }

    def _demand_plain(self, number: int, step: InstallerVerb) -> None:
        has = {
            "release": step.release is not None,
            "folder": step.folder != "project",
            "python": step.python is not None,
        }
        for key in (name for name, given in has.items() if given):
            raise CommandError(f"steps[{number}].{key} cannot be in a script", _PLAY_IT)

    def _command(self, number: int, line: CommandLine, venv: Path) -> dict[str, Any]:
        if line.keeps is not None:
            text = f"step {number} removes, with {self._dialect.name}, what is not in the lockfile"
            raise CommandError(text, "choose another installer, such as --installer uv")
        python = venv / "bin" / "python"
        words = [str(python), *line.arguments]
        return {
            "words": words if line.in_venv else self._words(line.arguments, python),
            "unless": self._words(line.unless, python) if line.unless else [],
            "makes": line.makes,
            "out_of": line.out_of,
            "shown": line.shown(self._dialect.name),
            "files": {f"project/{path}": text for path, text in line.files.items()},
            "environment": dict(line.environment),
            "may_fail": line.may_fail,
        }

    def _words(self, arguments: tuple[str, ...], python: Path) -> list[str]:
        name, release = self._dialect.name, str(self._dialect.release)
        supplied = ProvisionedInstaller(name, release, INSTALLER, None)
        return self._dialect.invocation(supplied, python, arguments)


def _expected(expect: Expectation) -> dict[str, Any]:
    """Return the expectations that the script checks, and the keys of all others."""
    given = expect.model_fields_set
    judged = {key_of(name).rstrip("_"): _value(name, expect) for name in given & _JUDGED}
    judged = {key: value for key, value in judged.items() if value is not None}
    judged.setdefault("exit", "success")
    left_out = sorted(key_of(name) for name in given - _JUDGED)
    return {"expect": judged, "not_judged": left_out}


def _value(name: str, expect: Expectation) -> Any:
    """Return the value of an expectation as plain data; sizes become numbers of bytes."""
    value = getattr(expect, name)
    if name not in _AMOUNTS or value is None:
        return value
    if isinstance(value, Mapping):
        return {pattern: amount_in_bytes(amount) for pattern, amount in value.items()}
    return amount_in_bytes(value)
