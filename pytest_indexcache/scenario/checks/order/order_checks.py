"""Check that a step comes after the step that creates its lockfile, requirements file or cache."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import normpath
from typing import Final

from pytest_indexcache.scenario.findings.finding import Finding
from pytest_indexcache.scenario.findings.positions import Path
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.changes import Damage, Edit, Fail, Mend
from pytest_indexcache.scenario.tables.fields import without_extras
from pytest_indexcache.scenario.tables.steps import AnyStep, InstallerStep, Together
from pytest_indexcache.scenario.tables.verbs import (
    Add,
    Command,
    Compile,
    Install,
    Lock,
    Remove,
    Run,
    Sync,
    SyncRequirements,
)
from pytest_indexcache.scenario.words.wording import shown

_LOCKING: Final = (Lock, Sync, Run, Add, Remove)
_INSTALLING: Final = (Sync, Run, Add, Remove, Install, SyncRequirements, Command)
_OF_VENVS: Final = (
    *("installed", "reinstalled", "editable", "origin", "builds_of", "imports", "venv_files"),
)
"""Expectations that can only be met by a venv in which something is installed."""


def check_order(scenario: Scenario) -> Iterator[Finding]:
    """Yield a finding for each file, lockfile, cache or venv that is used before a step creates it.

    A ``mend`` step without an earlier ``fail`` step is reported as well. After a verbatim command,
    missing files and venvs are not reported, because the command could have created them. If a step
    is allowed to fail, missing files are not reported, but its expectations are still checked.
    """
    there = _There(scenario)
    for number, step in enumerate(scenario.steps):
        path = ("steps", number)
        if isinstance(step, Damage) and not there.is_stored:
            hint = "put it after a step that fills the cache"
            yield Finding(path, "no earlier step makes an installer store anything", hint)
        if isinstance(step, Mend) and step.index not in there.failing:
            hint = 'put it after a step with do = "fail" of this index'
            yield Finding(path, "no earlier step makes requests to this index fail", hint)
        begun: list[tuple[Path, AnyStep]] = [(path, step)]
        if isinstance(step, Together):
            begun = [((*path, "together", member.position), member.step) for member in step.members]
            yield from _of_all(path, step, there)
        for place, begun_step in begun:
            if isinstance(begun_step, InstallerStep):
                yield from _of_installer(place, begun_step, there)
        for _, begun_step in begun:
            there.after(begun_step)


def _of_installer(path: Path, step: InstallerStep, there: _There) -> Iterator[Finding]:
    if not there.is_anything:
        if step.expect.exit == "success":
            yield from _needed(path, step, there)
        yield from _expected(path, step, there)
    if isinstance(step, Compile | SyncRequirements):
        yield from _of_requirements(path, step)


def _of_all(path: Path, step: Together, there: _There) -> Iterator[Finding]:
    """Yield a finding for each expectation that no member of a ``together`` step can meet."""
    if there.is_anything:
        return
    alone = (member.step.model_copy(update={"expect": step.expect}) for member in step.members)
    yield from min((list(_expected(path, member, there)) for member in alone), key=len)


def _expected(path: Path, step: InstallerStep, there: _There) -> Iterator[Finding]:
    yield from _locked(path, step, there)
    yield from _installed(path, step, there)


class _There:
    """The files, lockfiles and venvs that exist at one point in the scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self.files = {normpath(path) for path in (*scenario.files, *scenario.local_files)}
        self.locked: set[str] = set()
        self.venvs: set[tuple[str, str]] = set()
        self.failing: set[str] = set()
        self.is_stored = self.is_anything = False

    def after(self, step: AnyStep) -> None:
        """Record the files, lockfiles and venvs that exist after a step."""
        if isinstance(step, Edit):
            self.files |= {normpath(path) for path in (*step.files, *step.local_files)}
            self.files -= {normpath(path) for path in step.remove}
            self.locked -= {path.rpartition("/")[0] for path in step.remove if is_lockfile(path)}
        if isinstance(step, Fail):
            self.failing.add(step.index)
        if not isinstance(step, InstallerStep):
            return
        self.is_stored = True
        self.is_anything |= isinstance(step, Command)
        if isinstance(step, _INSTALLING):
            self.venvs.add(_venv(step))
        if isinstance(step, _LOCKING) and not getattr(step, "locked", False):
            self.locked.add(step.folder)
        elif isinstance(step, Compile):
            self.files.add(normpath(f"{step.folder}/{step.to}"))

    def has_lockfile(self, folder: str) -> bool:
        """Return whether a folder contains a lockfile, whichever installer it is for."""
        given = (path.rpartition("/") for path in self.files)
        return folder in self.locked or any(
            place == folder and is_lockfile(name) for place, _, name in given
        )


def is_lockfile(path: str) -> bool:
    """Return whether the filename is that of a lockfile, for any installer."""
    name = path.rpartition("/")[2]
    return name.endswith(".lock") or name.startswith("pylock.")


def _needed(path: Path, step: InstallerStep, there: _There) -> Iterator[Finding]:
    if isinstance(step, Sync | Lock) and not there.has_lockfile(step.folder):
        for key in ("frozen", "locked"):
            if getattr(step, key, False):
                text = "no earlier step writes a lockfile that could be used"
                yield Finding((*path, key), text, 'put a step with do = "lock" before it')
    for within, name in _files_named(step):
        file = normpath(f"{step.folder}/{name}")
        if file not in there.files:
            text = f"there is no file {shown(file)} at this step"
            hint = 'write it with do = "compile", or give it in [files]'
            yield Finding((*path, *within), text, hint)
    places = map(without_extras, step.paths if isinstance(step, Install) else ())
    for position, place in enumerate(places):
        if place.endswith((".whl", ".tar.gz")) and normpath(place) not in there.files:
            text = f"there is no file {shown(place)} in the workspace"
            hint = "give it in [local-files], or the folder of a local project"
            yield Finding((*path, "paths", position), text, hint)


def _files_named(step: InstallerStep) -> Iterator[tuple[Path, str]]:
    """Yield the requirements files that a step reads, each with its key path in the step."""
    if isinstance(step, SyncRequirements):
        yield ("file",), step.file
    elif isinstance(step, Install):
        for key in ("requirements_files", "constraints_files"):
            for position, name in enumerate(getattr(step, key)):
                yield (key.replace("_", "-"), position), name


def _locked(path: Path, step: InstallerStep, there: _There) -> Iterator[Finding]:
    is_of_file = isinstance(step, Compile | SyncRequirements)
    is_locking = isinstance(step, (*_LOCKING, Command))
    for key in ("locked", "lockfile"):
        expected = getattr(step.expect, key)
        if expected and not (is_locking or is_of_file or there.has_lockfile(step.folder)):
            text = "neither this step nor one before it writes a lockfile"
            hint = "lock, sync, run, add and remove write one"
            yield Finding((*path, "expect", key), text, hint)


def _of_requirements(path: Path, step: Compile | SyncRequirements) -> Iterator[Finding]:
    """Yield a finding for each expected lockfile key that no requirements file can have."""
    file = step.to if isinstance(step, Compile) else step.file
    if file.endswith(".toml"):
        return
    for project, locked in step.expect.locked.items():
        for key in ("files", "urls", "index"):
            if getattr(locked, key) is not None:
                text = f"a requirements file has no {key} of a project"
                hint = "expect a version or hashes, or write a pylock.toml"
                yield Finding((*path, "expect", "locked", project, key), text, hint)


def _installed(path: Path, step: InstallerStep, there: _There) -> Iterator[Finding]:
    if isinstance(step, _INSTALLING) or _venv(step) in there.venvs:
        return
    for key in _OF_VENVS:
        if getattr(step.expect, key):
            text = "neither this step nor one before it installs anything in the venv"
            hint = "put a step before it that installs, or expect it of another step"
            yield Finding((*path, "expect", key.replace("_", "-")), text, hint)


def _venv(step: InstallerStep) -> tuple[str, str]:
    """Return a key that identifies a step's venv by its name, or else by the project's folder."""
    return ("venv", step.venv) if step.venv else ("folder", step.folder)
