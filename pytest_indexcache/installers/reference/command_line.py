"""Convert a scenario's steps to command lines for the reference installer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pytest_indexcache.installers.commands.indexes.project_indexes import written_url
from pytest_indexcache.reference.commands.command_line import command_words
from pytest_indexcache.reference.commands.options import COMMANDS
from pytest_indexcache.reference.words.packages import PYPI
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.model.edits import admits_prereleases, cutoff_of, resolution_of
from pytest_indexcache.scenario.tables import steps as verbs
from pytest_indexcache.scenario.tables.fields import written_moment

PROGRAM: Final = ("python", "-m", "pytest_indexcache.reference")

Values = dict[str, Any]
"""Values for the command-line parser, keyed by option."""


def words_of(step: Any, scenario: Scenario, variant: str | None = None) -> list[str]:
    """Return the command-line arguments for a step; the command is run in the project's folder.

    Keys that a step and the reference installer have in common are passed on unchanged.
    """
    command, own = _COMMANDS[type(step)]
    values = {
        **own(step, scenario),
        "venv": _above(step.venv) if step.venv else None,
        "python": step.python or scenario.python,
    }
    for _, key, _ in COMMANDS[command].arguments:
        if key not in values and hasattr(step, key):
            values[key] = getattr(step, key)
    return command_words(command, {**values, "variant": variant})


# -- verbs on a project --------------------------------------------------------------------------


def _on_project(step: verbs.NetworkStep, scenario: Scenario) -> Values:
    """Return the values that all commands on a project have in common.

    The default index is included only if the project file is verbatim, because a generated project
    file names the default index itself.
    """
    is_verbatim = "reference" in scenario.project_files
    default = _default_index(scenario.default_index, scenario) if is_verbatim else {}
    return {**default, "exclude_newer": _written(step.exclude_newer)}


def _run(step: verbs.Run, scenario: Scenario) -> Values:
    program = f"import {', '.join(step.imports)}" if step.imports else "pass"
    return {**_on_project(step, scenario), "arguments": ("-I", "-c", program)}


def _add(step: verbs.Add, scenario: Scenario) -> Values:
    return {
        **_on_project(step, scenario),
        "index": _named(step.index, scenario) if step.index else None,
        "path": _above(step.path) if step.path else None,
        "editable_path": _above(step.editable) if step.editable else None,
        "extra": step.optional,
    }


def _remove(step: verbs.Remove, scenario: Scenario) -> Values:
    return {**_on_project(step, scenario), "extra": step.optional}


# -- verbs on a venv -----------------------------------------------------------------------------


def _install(step: verbs.Install, scenario: Scenario) -> Values:
    indexes = _indexes(step, step.index, step.extra_indexes, scenario)
    places = [_find_links(place, scenario) for place in step.find_links]
    return {
        **indexes,
        "no_index": step.no_index or indexes.get("no_index"),
        "find_links": [*places, *indexes.get("find_links", ())],
        "editable": [_above(path) for path in step.editable],
        "requirements": [*step.requirements, *map(_above, step.paths)],
        "files": step.requirements_files,
        "constraint_files": step.constraints_files,
    }


def _compile(step: verbs.Compile, scenario: Scenario) -> Values:
    return {**_indexes(step, None, step.extra_indexes, scenario), "output": step.to}


def _sync_requirements(step: verbs.SyncRequirements, scenario: Scenario) -> Values:
    return {**_indexes(step, None, step.extra_indexes, scenario), "files": [step.file]}


def _indexes(
    step: verbs.NetworkStep, index: str | None, extra: Sequence[str], scenario: Scenario
) -> Values:
    """Return the values that select the indexes for a command that does not use a project."""
    default = index or scenario.default_index
    # Only a named index can have an override. Naming it a second time causes no second request.
    again = [default] if default in scenario.cache_control else []
    names = [*extra, *again]
    overrides = [
        f"{name}.{kind}={value}"
        for name in dict.fromkeys(names)
        if name in scenario.cache_control
        for kind, value in scenario.cache_control[name].model_dump(exclude_none=True).items()
    ]
    return {
        **_places(default, names, scenario, is_named=index is not None),
        "extra_index_url": [_named(name, scenario) for name in names],
        "flat": [name for name in dict.fromkeys(names) if scenario.indexes[name].flat],
        "cache_control": overrides,
        "exclude_newer": _written(cutoff_of(step, scenario)),
        "prereleases": admits_prereleases(step, scenario),
        "resolution": resolution_of(step, scenario),
    }


def _places(
    default: str | None, names: Sequence[str], scenario: Scenario, *, is_named: bool
) -> Values:
    """Return the values that select the default index.

    A flat default index is passed as find-links, and the last simple index in ``names`` takes its
    place. If ``names`` contains no simple index, ``no_index`` disables PyPI. If ``is_named`` is
    true, the default index is included even if it is PyPI.
    """
    if default is None or not scenario.indexes[default].flat:
        return _default_index(default, scenario, is_named=is_named)
    find_links = {"find_links": [written_url(scenario, default)]}
    simple = [name for name in names if not scenario.indexes[name].flat]
    if not simple:
        return {"no_index": True, **find_links}
    return {**_default_index(simple[-1], scenario, is_named=True), **find_links}


# -- verbs without indexes -----------------------------------------------------------------------


def _nothing(step: verbs.InstallerStep, scenario: Scenario) -> Values:  # noqa: ARG001
    """Return an empty mapping, for a verb whose keys already contain everything that is needed."""
    return {}


def _clear_cache(step: verbs.ClearCache, scenario: Scenario) -> Values:  # noqa: ARG001
    return {"only_projects": step.projects}


_COMMANDS: Final[Mapping[type, tuple[str, Callable[[Any, Scenario], Values]]]] = {
    verbs.Lock: ("lock", _on_project),
    verbs.Sync: ("sync", _on_project),
    verbs.Run: ("run", _run),
    verbs.Add: ("add", _add),
    verbs.Remove: ("remove", _remove),
    verbs.Install: ("install", _install),
    verbs.Compile: ("compile", _compile),
    verbs.SyncRequirements: ("sync-requirements", _sync_requirements),
    verbs.Uninstall: ("uninstall", _nothing),
    verbs.ClearCache: ("cache clear", _clear_cache),
    verbs.PruneCache: ("cache prune", _nothing),
}
"""Maps each verb to its command, and to the function that returns the command's values."""


def _default_index(name: str | None, scenario: Scenario, *, is_named: bool = False) -> Values:
    """Return the value for the default index, or no value if ``name`` is None.

    PyPI is the built-in default, so it is included only with ``is_named``.
    """
    if name is None:
        return {}
    url = written_url(scenario, name)
    is_own = url.rstrip("/") == PYPI and not is_named
    return {} if is_own else {"index_url": url}


def _written(moment: datetime | str | None) -> str | None:
    return None if moment is None else written_moment(moment)


def _named(name: str, scenario: Scenario) -> str:
    return f"{name}={written_url(scenario, name)}"


def _find_links(place: str, scenario: Scenario) -> str:
    return written_url(scenario, place) if place in scenario.indexes else _above(place)


def _above(path: str) -> str:
    """Convert a path in the workspace to one that is relative to the project's folder."""
    return f"../{path}"
