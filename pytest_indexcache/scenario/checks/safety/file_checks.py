"""Check that verbatim files cannot be executed and do not point outside the workspace."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from pathlib import PurePosixPath
from posixpath import dirname, normpath
from typing import Final

from pytest_indexcache.scenario.checks.safety.contents.manifest_files import manifest_misfits
from pytest_indexcache.scenario.checks.safety.contents.python_files import python_misfits
from pytest_indexcache.scenario.checks.safety.contents.requirements_files import (
    requirements_misfits,
)
from pytest_indexcache.scenario.checks.safety.contents.shapes import Misfit
from pytest_indexcache.scenario.checks.safety.contents.toml_files import (
    PROJECT_FILE,
    TOML_NAMES,
    shape_of,
    toml_misfits,
)
from pytest_indexcache.scenario.checks.safety.given_files import (
    GivenFile,
    check_filled_lengths,
    given_files,
)
from pytest_indexcache.scenario.checks.safety.joint_checks import check_joint_words
from pytest_indexcache.scenario.commands import entered_folders
from pytest_indexcache.scenario.findings.finding import MOST, Finding
from pytest_indexcache.scenario.findings.positions import Path
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.changes import Edit
from pytest_indexcache.scenario.tables.fields import read_release
from pytest_indexcache.scenario.tables.verbs import Command
from pytest_indexcache.scenario.values.kinds import check_value, has_control
from pytest_indexcache.scenario.values.placeholders import sample_url, with_samples
from pytest_indexcache.scenario.values.reach import OTHER_PYTHONS, Reach
from pytest_indexcache.scenario.words.wording import shown

_SUFFIXES: Final = (".in", ".lock", ".md", ".py", ".rst", ".toml", ".txt")
_NAMES: Final = ("COPYING", "LICENCE", "LICENSE", "NOTICE", "README", "py.typed")
_PYTHONS: Final = ".python-version"
_INSTALLED: Final = re.compile(
    rf"site-packages|dist-packages|{OTHER_PYTHONS}|.*\.(?:dist-info|egg-info|data)|bin|scripts"
    r"|pyvenv\.cfg"
)


def check_files(scenario: Scenario, reach: Reach) -> Iterator[Finding]:
    """Yield a finding for each file that could be executed or that points outside the workspace."""
    reach = reach.starting(_command_folders(scenario))
    url = next((index.url for index in scenario.indexes.values()), "")
    for key, path in _changed_paths(scenario):
        is_text = "replace-text" in key or read_release(PurePosixPath(path).name) is None
        problem = _problem_of_name(path) if is_text else _problem_of_folder(path)
        if problem:
            yield Finding(key, *problem)
    too_long = list(check_filled_lengths(scenario, lambda name: len(sample_url(url, name))))
    yield from too_long
    for file in () if too_long else given_files(scenario):
        problem = _problem_of_name(file.path)
        if problem:
            yield Finding(file.key, *problem)
            continue
        sample = file._replace(text=with_samples(file.text, url))
        for misfit in islice(_misfits_at(sample, scenario, reach), MOST + 1):
            yield Finding(file.key, str(misfit), misfit.hint)


def misfits_of(path: str, text: str, scenario: Scenario) -> Iterator[Misfit]:
    """Yield a misfit for each forbidden part of a file whose text a step has changed.

    ``path`` is the path of the file in the workspace, and ``text`` is its new text.
    """
    reach = Reach.of(scenario.served_urls, scenario.project_names, scenario.file_paths)
    reach = reach.starting(_command_folders(scenario))
    yield from _misfits_at(GivenFile((), path, text), scenario, reach)
    changed = scenario.model_copy(update={"files": {**scenario.files, path: text}})
    for finding in check_joint_words(changed):
        yield Misfit((), finding.text, finding.hint)


def _misfits_at(file: GivenFile, scenario: Scenario, reach: Reach) -> Iterator[Misfit]:
    """Yield a misfit for each part of a file that is not allowed at the file's path."""
    near = reach.starting([normpath(dirname(file.path) or ".")])
    is_project = file.name == PROJECT_FILE
    beside = [*_below(dirname(file.path), scenario.file_paths)] if is_project else []
    yield from _misfits(file, near, beside)


def _problem_of_folder(path: str) -> tuple[str, str] | None:
    """Return the problem with the folder of a wheel or sdist, and a remedy; None if it is valid."""
    parts = [part for part in PurePosixPath(path).parts[:-1] if _is_installers_own(part)]
    if not parts:
        return None
    text = f"the folder is an installer's own: {shown(parts[0])}"
    return text, "give another folder of the workspace"


def _changed_paths(scenario: Scenario) -> Iterator[tuple[Path, str]]:
    yield from ((("local-files", path), path) for path in scenario.local_files)
    for number, step in enumerate(scenario.steps):
        if isinstance(step, Edit):
            for key in ("local_files", "replace_text", "touch", "remove"):
                for path in getattr(step, key):
                    yield ("steps", number, key.replace("_", "-")), path


def check_folders(scenario: Scenario) -> Iterator[Finding]:
    """Yield a finding for each folder that is hidden or is named like a part of a venv."""
    for path, name in _named_folders(scenario):
        parts = [part for part in PurePosixPath(name).parts if _is_installers_own(part)]
        if parts:
            text = f"the folder is an installer's own: {shown(parts[0])}"
            yield Finding(path, text, "give it another name, in a folder that is not hidden")


def _named_folders(scenario: Scenario) -> Iterator[tuple[Path, str]]:
    for prefix, holder in scenario.with_edits:
        for name, project in holder.local_projects.items():
            yield (*prefix, "local-projects", name, "path"), project.path
    for path, step in scenario.every_step:
        for key in ("folder", "venv"):
            yield (*path, key), getattr(step, key, None) or ""


def _is_installers_own(part: str) -> bool:
    is_hidden = part.startswith(".") and part.strip(".") != ""
    return is_hidden or _INSTALLED.fullmatch(part.lower()) is not None


def _below(folder: str, paths: Iterable[str]) -> Iterator[str]:
    """Yield the paths below a folder, relative to the folder."""
    above = f"{normpath(folder)}/" if folder else ""
    yield from (path.removeprefix(above) for path in map(normpath, paths) if path.startswith(above))


def _command_folders(scenario: Scenario) -> Iterator[str]:
    for _, step in scenario.every_step:
        if isinstance(step, Command):
            for installer, command in step.command.items():
                yield from entered_folders(installer, command)


def _problem_of_name(name: str) -> tuple[str, str] | None:
    """Return the problem with a filename, and a remedy, or None if the name is allowed."""
    place = PurePosixPath(name)
    hidden = [part for part in place.parts if part.startswith(".") and part.strip(".")]
    installed = [part for part in place.parts if _INSTALLED.fullmatch(part.lower())]
    hint = f"files may end in {', '.join(_SUFFIXES)}"
    if installed:
        return (
            f"the file is part of what is installed: {shown(installed[0])}",
            "let a step install it",
        )
    if place.name == _PYTHONS and len(hidden) == 1:
        return None
    if hidden:
        return f"the file is hidden: {shown(hidden[0])}", hint
    if place.suffix.lower() == ".toml" and shape_of(place.name.lower()) is None:
        # Hatchling reads hatch.toml, and an installer's setting may refer to any other file.
        return "no installer reads a TOML file of that name", TOML_NAMES
    if place.suffix not in _SUFFIXES and place.name not in _NAMES:
        return "the file is of a kind that might be run", hint
    return None


def _misfits(file: GivenFile, reach: Reach, beside: Collection[str]) -> Iterator[Misfit]:
    if has_control(re.sub(r"\r?\n|\t", "", file.text)):
        # In uv_build 0.13.9, a carriage return in a license ends a line in METADATA.
        yield Misfit((), "has a control character that some installers read as the end of a line")
    shape = shape_of(file.name)
    if shape is not None:
        yield from toml_misfits(file.text, shape, reach, beside)
    elif file.name == _PYTHONS:
        yield from _python_misfits(file.text, reach)
    elif file.name.endswith(".py"):
        yield from python_misfits(file.text)
    elif file.name == "manifest.in":
        yield from manifest_misfits(file.text, reach)
    elif file.name.endswith((".txt", ".in")):
        # Options and settings name requirements files in many ways, always with these suffixes.
        yield from requirements_misfits(file.text, reach)


def _python_misfits(text: str, reach: Reach) -> Iterator[Misfit]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() and not line.startswith("#"):
            try:
                check_value("python", line.strip(), reach)
            except ValueError as error:
                yield Misfit((), f"line {number}: {error}")
