"""The command line of the reference installer that does what a step says, for reports."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables import steps as verbs

PROGRAM = ("python", "-m", "pytest_indexcache.reference")


def command_line(step: Any, scenario: Scenario) -> str:
    """Return the command line, quoted for a shell, to be run in the project's folder."""
    return shlex.join([*PROGRAM, *_arguments(step, scenario)])


def _arguments(step: Any, scenario: Scenario) -> Iterator[str]:
    if isinstance(step, verbs.ClearCache):
        yield from ("cache", "clear", *step.projects)
    elif isinstance(step, verbs.PruneCache):
        yield from ("cache", "prune", *(["--ci"] if step.ci else []))
    else:
        yield step.do
        yield from _options(step)
        yield from _places(step, scenario)
        yield from getattr(step, "requirements", ())
        yield from getattr(step, "projects", ())
        yield from getattr(step, "paths", ())
        if isinstance(step, verbs.SyncRequirements):
            yield step.file
        if isinstance(step, verbs.Run) and step.imports:
            yield from ("--", "python", "-c", f"import {', '.join(step.imports)}")


_FLAGS = (
    "offline", "no_cache", "no_sources", "no_deps", "frozen", "locked", "no_index",
    "require_hashes",
)  # fmt: skip
_SELECTIONS = ("refresh", "upgrade", "reinstall", "no_binary", "no_build")
_REPEATED = {
    "extras": "--extra",
    "groups": "--group",
    "overrides": "--override",
    "constraints": "--constraint",
    "find_links": "--find-links",
}


def _options(step: Any) -> Iterator[str]:
    for name in _FLAGS:
        if getattr(step, name, False):
            yield _option(name)
    for name in _SELECTIONS:
        chosen = getattr(step, name, False)
        if chosen is True:
            yield _option(name)
        elif chosen:
            for project in chosen:
                yield from (f"{_option(name)}-package", project)
    for name, option in _REPEATED.items():
        for value in getattr(step, name, ()):
            yield from (option, value)


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def _places(step: Any, scenario: Scenario) -> Iterator[str]:
    for name in getattr(step, "extra_indexes", ()):
        yield from ("--extra-index-url", f"{name}={scenario.indexes[name].url}")
    if getattr(step, "index", None):
        yield from ("--index", f"{step.index}={scenario.indexes[step.index].url}")
    if getattr(step, "optional", None):
        yield from ("--optional", step.optional)
    if isinstance(step, verbs.Add | verbs.Remove) and step.group:
        yield from ("--group", step.group)
    editable = getattr(step, "editable", None) or ()
    for path in (editable,) if isinstance(editable, str) else editable:
        yield from ("--editable", path)
    if step.venv:
        yield from ("--venv", step.venv)
