"""Checks on paths in the workspace and on filename patterns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from posixpath import normpath

from pytest_indexcache.scenario.findings.finding import Finding
from pytest_indexcache.scenario.findings.positions import Path
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.changes import Edit
from pytest_indexcache.scenario.tables.steps import InstallerStep
from pytest_indexcache.scenario.words import limits
from pytest_indexcache.scenario.words.wording import shown


def check_workspace(scenario: Scenario) -> Iterator[Finding]:
    """Yield a finding for each path in the workspace that is used for two incompatible things."""
    taken = dict.fromkeys(_folders(scenario), "the project's folder")
    for path, place in _local_folders(scenario):
        if place in taken:
            text = f"{shown(place)} is {taken[place]}, and cannot be a local project's"
            yield Finding(path, text, "give the local project a folder of its own")
    locals_ = {place: "a local project's folder" for _, place in _local_folders(scenario)}
    taken = {**locals_, **taken}
    for path, place in _venvs(scenario):
        if place in taken:
            text = f"{shown(place)} is {taken[place]}, and cannot be a venv"
            yield Finding(path, text, "give the venv another name")
    others = {place for _, place in _files(scenario)}
    for path, place in _files(scenario):
        parents = {str(parent) for parent in PurePosixPath(place).parents} - {"."}
        if place in taken or place == ".":
            text = f"{shown(place)} is {taken.get(place, 'the workspace')}, and cannot be a file"
            yield Finding(path, text)
        elif parents & others:
            text = f"{shown(min(parents & others))} is already a file, and cannot be a folder"
            yield Finding(path, text)


def _folders(scenario: Scenario) -> set[str]:
    return {
        step.folder for _, step in scenario.every_step if isinstance(step, InstallerStep | Edit)
    }


def _local_folders(scenario: Scenario) -> Iterator[tuple[Path, str]]:
    for prefix, holder in scenario.with_edits:
        for name, project in holder.local_projects.items():
            yield (*prefix, "local-projects", name, "path"), normpath(project.path)


def _venvs(scenario: Scenario) -> Iterator[tuple[Path, str]]:
    for path, step in scenario.every_step:
        if isinstance(step, InstallerStep) and step.venv:
            yield (*path, "venv"), step.venv


def _files(scenario: Scenario) -> Iterator[tuple[Path, str]]:
    for prefix, holder in scenario.with_edits:
        for name in holder.files:
            yield (*prefix, "files", name), normpath(name)
        for name in holder.local_files:
            yield (*prefix, "local-files", name), normpath(name)


def check_glob(path: Path, pattern: str, folder: str) -> Iterator[Finding]:
    """Yield a finding if a pattern points outside ``folder``, is invalid, or is too complex."""
    parts = PurePosixPath(pattern).parts
    if ".." in parts:
        text = f"{shown(pattern)} leads out of {folder}"
        yield Finding(path, text, "give a pattern without '..'")
    elif not parts or any("**" in part and part != "**" for part in parts):
        text = f"{shown(pattern)} is not a pattern of files"
        yield Finding(path, text, "** must stand alone between slashes: **/*.whl")
    # A search walks the folder once for each ** and recurses once for each part.
    elif len(parts) > limits.FOLDERS or parts.count("**") > limits.DEEP_FOLDERS:
        text = f"the pattern has more than {limits.FOLDERS} parts, or {limits.DEEP_FOLDERS} of **"
        yield Finding(path, text, "give a shorter one: **/*.whl")
