"""Describe how the project was edited after the lockfile had been written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import unified_diff
from typing import Final

from pytest_indexcache.run.causes.facts.history import History
from pytest_indexcache.run.plays.records.played_steps import PlayedStep
from pytest_indexcache.scenario.commands import command_parts
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.project import Access
from pytest_indexcache.scenario.tables.steps import Add, Command, Edit, Remove, Run, Sync

_LOCKED: Final = re.compile(r"--locked|--frozen|--check\b|--frozen-lockfile")


_BY_LOCKFILE: Final = frozenset(("sync", "install", "run", "add", "remove", "update"))
"""The subcommands with which uv, poetry and pdm install from the lockfile."""


def kept_lockfile(history: History) -> bool:
    """Return whether the step installed from an earlier lockfile and left it unchanged."""
    step = history.step
    before = history.lockfile_before
    if before is None or before != history.current.lockfile:
        return False
    if isinstance(step, Command):
        return _goes_by_lockfile(history.current.installer, step)
    return isinstance(step, Sync | Run | Add | Remove)


def _goes_by_lockfile(installer: str, step: Command) -> bool:
    parts = command_parts(installer, step.command.get(installer, ""))
    if parts is None or installer not in ("uv", "poetry", "pdm"):
        return False
    has_project = all(given.option != "--no-project" for given in parts.options)
    return has_project and parts.subcommand.name in _BY_LOCKFILE


def locked_option(history: History) -> str:
    """Return the option that forbids changes to the lockfile, or an empty string."""
    match = _LOCKED.search(history.current.outcome.command)
    return match[0] if match else "locked" if getattr(history.step, "locked", False) else ""


def edits_text(history: History, since: int) -> str:
    """Describe the edits to the project after step ``since``, or return an empty string."""
    parts = [
        f"step {played.number} changed {detail}"
        for played in history.between(since)
        if isinstance(played.step, Edit) and (detail := _detail(history, played))
    ]
    return "; ".join(parts)


def _detail(history: History, played: PlayedStep) -> str:
    """Describe an edit by listing the changed lines of the project file, or the changed keys."""
    edit = played.step
    if not isinstance(edit, Edit):
        return ""
    before = played.scenario
    lines = [
        line
        for name in edit.project_files
        if name == history.current.installer
        for line in _changed_lines(before.project_files, edit.project_files, name)
    ]
    if lines:
        return f"the project file ({', '.join(lines[:4])})"
    parts = sorted(key.replace("_", "-") for key in edit.project.model_fields_set)
    keys = [f"{key} of the project" for key in parts]
    keys += ["the sources"] if edit.sources is not None else []
    keys += [
        change for name in sorted(edit.access) for change in _access_changes(before, edit, name)
    ]
    keys += sorted(edit.files)
    keys += [f"the folder of {name}" for name in sorted(edit.local_projects)]
    return ", ".join(keys)


def _access_changes(before: Scenario, edit: Edit, name: str) -> Iterator[str]:
    """Yield the changes that an edit makes to the URL or the credentials for an index."""
    old, new = before.access.get(name, Access()), edit.access[name]
    after = before.model_copy(update={"access": {**before.access, name: new}})
    if old.slash != new.slash:
        yield f"the slash at the end of the URL of index {name}"
    if (old.netrc, before.login_of(name)) != (new.netrc, after.login_of(name)):
        yield f"the user's name or password for index {name}"


def _changed_lines(old: Mapping[str, str], new: Mapping[str, str], name: str) -> Iterator[str]:
    """Yield the lines that an edit removed (``-``) or added (``+``), except blank lines."""
    lines = unified_diff(old.get(name, "").splitlines(), new[name].splitlines(), lineterm="", n=0)
    for line in list(lines)[2:]:
        if line[0] in "+-" and line[1:].strip():
            yield f"{line[0]} {line[1:].strip()}"
