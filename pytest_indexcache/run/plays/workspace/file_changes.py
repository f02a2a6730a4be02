"""Touch, remove or edit existing files in the workspace."""

from __future__ import annotations

from pathlib import Path

from pytest_indexcache.errors import PlayError
from pytest_indexcache.run.plays.workspace.plain_places import is_within, write_text
from pytest_indexcache.scenario.checks.safety.file_checks import misfits_of
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.changes import Edit
from pytest_indexcache.scenario.words import limits


def change_files(
    root: Path, step: Edit, scenario: Scenario, room: int = limits.REPLACED
) -> dict[str, str]:
    """Apply a step's changes to workspace files, including files that an installer wrote.

    ``scenario`` contains the texts that earlier steps have changed. ``room`` is the maximum number
    of characters in all changed files together. The result maps each changed file to its new text.

    :raises PlayError: if a file is missing, is reached through a symlink, does not contain the text
        to replace, or would become too long or invalid for a scenario
    """
    texts: dict[str, str] = {}
    for path, change in step.replace_text.items():
        text = _text_of(_there(root, path), path)
        if change.old not in text:
            raise PlayError(
                f"edit: {path} does not have the text {change.old!r} to replace",
                "look at what the installer wrote: indexcache play --keep shows where",
            )
        grown = len(text) + text.count(change.old) * (len(change.new) - len(change.old))
        if grown > limits.OWN_TEXT:
            raise PlayError(
                f"edit: {path} would have {grown:,} characters; "
                f"at most {limits.OWN_TEXT:,} are allowed"
            )
        room -= grown
        if room < 0:
            raise PlayError(
                f"edit: with {path}, the files that replace-text changes have more than "
                f"{limits.REPLACED:,} characters in all"
            )
        changed = text.replace(change.old, change.new)
        now = scenario.model_copy(update={"files": {**scenario.files, **texts}})
        for misfit in misfits_of(path, changed, now):
            raise PlayError(f"edit: {path} would have contents that are not allowed: {misfit}")
        write_text(root, path, changed)
        texts[path] = changed
    for path in step.touch:
        _there(root, path).touch()
    for path in step.remove:
        _there(root, path).unlink()
    return texts


def _text_of(file: Path, path: str) -> str:
    """Return the text of a file, or raise PlayError if the file is too large or is not UTF-8."""
    if file.stat().st_size > 4 * limits.OWN_TEXT:
        raise PlayError(f"edit: {path} is larger than any text of a scenario may be")
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise PlayError(f"edit: {path} is not a text in UTF-8") from None


def _there(root: Path, path: str) -> Path:
    """Return the path of a regular file in the workspace, or raise PlayError if there is none."""
    target = root / path
    if not is_within(root, target) or not target.is_file():
        raise PlayError(
            f"edit: there is no regular file {path} in the workspace at this step",
            "paths start from the workspace: project/uv.lock",
        )
    return target
