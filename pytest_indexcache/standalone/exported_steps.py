"""Convert the steps of a scenario to plain data for an exported script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from packaging.version import Version

from pytest_indexcache.errors import CapabilityError, CommandError
from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.installers.commands.adapter import CommandAdapter
from pytest_indexcache.installers.commands.command_lines import CommandLine
from pytest_indexcache.installers.commands.dialect import Dialect, exact_release
from pytest_indexcache.installers.commands.indexes.project_indexes import PYPI
from pytest_indexcache.installers.contract.supply import ProvisionedInstaller
from pytest_indexcache.installers.pip.commands import LockedNames
from pytest_indexcache.run.plays.steps.several import members_of, own_expectation
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.model.audience import has_own_words
from pytest_indexcache.scenario.model.edits import after_step, edited
from pytest_indexcache.scenario.tables.steps import (
    Add,
    AnyStep,
    ComeBack,
    Command,
    Compile,
    Delete,
    Edit,
    Fail,
    GoDown,
    InstallerStep,
    InstallerVerb,
    Mend,
    Publish,
    Remove,
    RemoveVenv,
    Replace,
    SetHeaders,
    SetUsers,
    SyncRequirements,
    Together,
    Yank,
)
from pytest_indexcache.standalone.expectations import expected_data, wanted_data
from pytest_indexcache.standalone.given_files import Binaries, binary_files, netrc_files
from pytest_indexcache.standalone.recordings import Recorder

ROOT: Final = Path("/@ROOT@")
"""A placeholder that the script replaces with the path of its temporary folder."""

INSTALLER, PYTHON = Path("/@INSTALLER@"), Path("/@PYTHON@")
"""Placeholders for the installer's executable and for the script's Python interpreter."""

PACKAGE: Final = "/@PIP@"
"""A placeholder for the folder that contains the installer's own modules."""

_CHANGES: Final = (Publish, Replace, Yank, Delete, SetHeaders, SetUsers, GoDown, ComeBack)

_PLAY_IT: Final = "play the scenario with indexcache play"
_ANOTHER: Final = "choose another installer by --installer"
_WHY_NOT: Final = {
    **dict.fromkeys(
        ("edge", "purge", "warm"), "what an edge answers depends on the requests before"
    ),
    "damage": "a script does not know where releases keep entries in their caches",
}
"""For each verb or index key that a script does not support, the reason why."""


def demand_exportable(scenario: Scenario) -> None:
    """Raise CommandError if an index has a CDN edge, which no script can imitate."""
    for name, index in scenario.indexes.items():
        if index.edge:
            text = f"indexes.{name}.edge cannot be in a script: {_WHY_NOT['edge']}"
            raise CommandError(text, _PLAY_IT)


@dataclass
class StepExporter:
    """Converts the steps of a scenario to plain data, with the commands of one installer.

    ``stages`` contains the recorded responses: one recording from the start, and one after each
    change to an index.
    """

    scenario: Scenario
    installer: CommandAdapter
    recorder: Recorder
    stages: list[dict[str, Any]] = field(default_factory=list)
    binaries: list[Binaries] = field(default_factory=list)
    wanted: list[str] = field(default_factory=list)
    _folders: set[str] = field(default_factory=set)
    _is_rewritten: bool = False

    def __post_init__(self) -> None:
        self._dialect: Dialect = self.installer.dialect_class(Version(self.installer.version))
        self._indexes = FakeIndexes(self.scenario.indexes, self.recorder.now)
        self.stages.append(self.recorder.record(self._indexes))

    @property
    def root_files(self) -> Mapping[str, str]:
        """Files for the script's temporary folder.

        These files keep the installer from searching the parent folders for a project file.
        """
        return self._dialect.root_files()

    def told(self) -> list[dict[str, Any]]:
        """Return the steps as plain data.

        :raises CommandError: if the installer lacks a feature, or a script cannot play a step
        """
        current, told = self.scenario, []
        for number, step in enumerate(self.scenario.steps, 1):
            one = self._one(number, step, current)
            told.append(
                {
                    "number": number,
                    "do": step.do,
                    "name": step.name,
                    "wait": step.wait_seconds,
                    **expected_data(step.expect, self.scenario),
                    **one,
                    "stage": len(self.stages) - 1,
                }
            )
            current = self._after(step, current)
        try:
            self._dialect.check(self.scenario)
        except CapabilityError as error:
            raise CommandError(error.problem, _ANOTHER) from error
        return told

    def _after(self, step: AnyStep, current: Scenario) -> Scenario:
        """Return the scenario as it is after a step."""
        if isinstance(step, Edit):
            return edited(current, step)
        for member in members_of(step) if isinstance(step, InstallerStep | Together) else ():
            current = after_step(current, member.step)
        return current

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
            return self._edit(step, current)
        if isinstance(step, Together):
            return self._together(number, step, current)
        if not isinstance(step, InstallerStep):
            why = _WHY_NOT[step.do]
            text = f"steps[{number}].do = {step.do!r} cannot be in a script: {why}"
            raise CommandError(text, _PLAY_IT)
        return self._installer_step(number, step, current)

    def _edit(self, step: Edit, current: Scenario) -> dict[str, Any]:
        """Return an edit as data; if it changes the project, the project's files are included."""
        now = edited(current, step)
        netrc = netrc_files(now) if step.access else {}
        replaced = {
            k: local for k, local in current.local_projects.items() if k in step.local_projects
        }
        old, new = binary_files({}, replaced), binary_files(step.local_files, step.local_projects)
        self.binaries.append(new)
        project: Mapping[str, str] = {}
        touches = step.project.model_fields_set or step.sources is not None
        if touches or step.access or step.project_files:
            self._folders.discard(step.folder)
            project = self._project_files(step.folder, now)
        self._is_rewritten |= any(path.endswith("pyproject.toml") for path in step.replace_text)
        return {
            "files": {**step.files, **netrc, **project},
            "binaries": new,
            "replaces": {
                path: [replacement.old, replacement.new]
                for path, replacement in step.replace_text.items()
            },
            "touches": list(step.touch),
            "removes": [*step.remove, *sorted(set(old) - set(new))],
        }

    def _project_files(self, folder: str, current: Scenario) -> dict[str, str]:
        """Return the project's files in a folder, or an empty dict if they were written before."""
        if folder in self._folders:
            return {}
        self._folders.add(folder)
        return {f"{folder}/{k}": file for k, file in self._dialect.written_files(current).items()}

    def _together(self, number: int, step: Together, current: Scenario) -> dict[str, Any]:
        """Return steps that start at the same time, each with its own commands and expectations."""
        members, files = [], {}
        for member in step.members:
            one = self._installer_step(number, member.step, current)
            files.update(one.pop("files", {}))
            own = expected_data(own_expectation(member, step), current)
            members.append({**one, **own, "not_judged": one["not_judged"] + own["not_judged"]})
        whole = expected_data(step.expect, current)
        whole["expect"]["exit"] = "any"
        return {**whole, "files": files, "members": members}

    def _installer_step(
        self, number: int, step: InstallerVerb, current: Scenario
    ) -> dict[str, Any]:
        place = step.venv or f"{step.folder}/.venv"
        expect = expected_data(step.expect, current)
        if isinstance(step, RemoveVenv):
            return {"removes_venv": True, "venv": place, **expect}
        named = step.release_of(self._dialect.name)
        dialect = type(self._dialect)(exact_release(named)) if named else self._dialect
        try:
            lines = dialect.with_variables(step, dialect.command_lines(step, current))
            files = self._project_files(step.folder, current)
            goal = self._goal(step, current)
        except CapabilityError as error:
            raise CommandError(f"step {number} ({step.do}): {error.problem}", _ANOTHER) from error
        venv = ROOT / place
        variables = dialect.environment(step, venv, PYTHON, ROOT / ".cache")
        own = {name: value for name, value in variables.items() if value != "/"}
        unknown = goal.pop("unknown_goal", None)
        return {
            **expect,
            "not_judged": expect["not_judged"] + ([unknown] if unknown else []),
            "files": files,
            "folder": step.folder,
            "venv": place,
            "release": str(dialect.release) if named else "",
            "python": step.python or self.scenario.python or "",
            "needs_venv": dialect.needs_venv(step),
            "needs_bare_python": dialect.starts_python
            or has_own_words(self.scenario, dialect.name),
            "environment": own,
            "commands": [self._command(line, venv, dialect, step.folder) for line in lines],
            **self._locks(step),
            **goal,
        }

    def _goal(self, step: InstallerStep, current: Scenario) -> dict[str, Any]:
        """Return the requirements to check after a step.

        They cannot be checked if an earlier command changed the project file. In this case, the
        result contains the reason as ``unknown_goal``.
        """
        goal = wanted_data(step, current, self._dialect)
        if self._is_rewritten and goal.get("wants_venv"):
            return {"unknown_goal": "satisfied: the installer changed the project before"}
        self._is_rewritten |= isinstance(step, Add | Remove) or (
            isinstance(step, Command) and not goal
        )
        self.wanted += goal.get("wanted", ())
        return goal

    def _locks(self, step: InstallerVerb) -> dict[str, Any]:
        """Return the paths of a step's lockfiles, and the hashes and index expected in them."""
        name, folder = self._dialect.lockfile_of(step), step.folder
        files = [f"{folder}/{name}"]
        is_compiled = isinstance(step, Compile | SyncRequirements)
        if isinstance(step, SyncRequirements):
            files.append(f"{folder}/{step.file}")
        offered: dict[str, list[str]] = {}
        if any(entry.hashes == "offered" for entry in step.expect.locked.values()):
            hashes = self._indexes.hashes({*step.expect.locked})
            offered = {file: sorted(digests) for file, digests in hashes.items()}
        found: dict[str, Any] = {"lockfiles": files, "offered": offered}
        found["default_index"] = PYPI if self._dialect.name == "poetry" else ""
        if self._dialect.name == "pip" and not is_compiled:
            found["locks"] = f"{folder}/pylock*.toml"
        return found

    def _command(
        self, line: CommandLine, venv: Path, dialect: Dialect, folder: str
    ) -> dict[str, Any]:
        python = venv / "bin" / "python"
        words = [str(python), *line.arguments]
        keeps: Any = None
        if line.keeps is not None:
            locked = line.keeps if isinstance(line.keeps, LockedNames) else None
            keeps = locked.lockfile if locked else sorted(line.keeps(Path()))
        return {
            "words": words if line.in_venv else _words(dialect, line.arguments, python),
            "unless": _words(dialect, line.unless, python) if line.unless else [],
            "makes": line.makes,
            "out_of": line.out_of,
            "keeps": keeps,
            "shown": line.shown(dialect.name),
            "files": {f"{folder}/{path}": text for path, text in line.files.items()},
            "environment": dict(line.environment),
            "may_fail": line.may_fail,
        }


def _words(dialect: Dialect, arguments: tuple[str, ...], python: Path) -> list[str]:
    """Return the words of a command, with placeholders for the installer and its modules.

    A release of pip without ``--python`` is run from the folder that contains its modules.
    """
    with TemporaryDirectory(prefix="indexcache-export-") as root:
        package = Path(root, "lib", "site-packages", "pip")
        package.mkdir(parents=True)
        release = str(dialect.release)
        supplied = ProvisionedInstaller(dialect.name, release, Path(root, "bin", "x"), None)
        marks = {str(supplied.executable): str(INSTALLER), str(package): PACKAGE}
        words = dialect.invocation(supplied, python, arguments)
    return [marks.get(word, word) for word in words]
