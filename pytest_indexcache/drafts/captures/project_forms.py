"""Choose how a scenario contains the user's project: as tables, or as the original file.

The ``[project]`` table of a scenario suits all installers, but cannot express everything. The file
is included if the installer would treat the tables differently.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from pytest_indexcache.drafts.captures.commands import CapturedStep
from pytest_indexcache.drafts.captures.projects import CapturedProject, index_key
from pytest_indexcache.drafts.files.project_files import ProjectWords, read_project_file
from pytest_indexcache.drafts.words.names import is_version, project_name

_NEUTRAL_TOOLS: Final[Mapping[str, frozenset[str]]] = {
    "uv": frozenset(
        """
        index index-url extra-index-url sources override-dependencies constraint-dependencies
        conflicts package
        """.split()  # noqa: SIM905
    ),
    "poetry": frozenset(("package-mode",)),
    "pdm": frozenset(("distribution",)),
}
"""The keys in an installer's own settings that the tables of a scenario can express.

The index keys of Poetry and PDM are not included, because a scenario cannot express priorities.
"""

_NEUTRAL_INDEX: Final = frozenset(("name", "url", "default", "explicit", "cache-control"))
DEFAULT_GROUP: Final = "dev"
"""The dependency group that uv installs by default."""

_DYNAMIC: Final = frozenset(("dependencies", "optional-dependencies", "requires-python"))
"""Fields that Poetry and PDM read from their own settings if the fields are listed as dynamic."""

_NOT_RESOLVED: Final = [
    "authors",
    "classifiers",
    "description",
    "entry-points",
    "gui-scripts",
    "keywords",
    "license",
    "license-files",
    "maintainers",
    "readme",
    "scripts",
    "urls",
    "import-names",
    "import-namespaces",
]
_NOT_BUILT: Final = {
    "uv": ("package", False),
    "poetry": ("package-mode", False),
    "pdm": ("distribution", False),
}
_LOGIN: Final = re.compile(r"(https?://)[^/@\s\"']+@")


@dataclass(frozen=True)
class ProjectUse:
    """The commands that use the project, and whether there is a lockfile."""

    steps: tuple[CapturedStep, ...] = ()
    has_lockfile: bool = False


def captured_project(data: Mapping[str, Any], installer: str, use: ProjectUse) -> CapturedProject:
    """Return the project of a ``pyproject.toml`` as tables of a scenario.

    If tables cannot express the project, the original file is included, without comments and
    without parts that do not affect the resolution.
    """
    own_names = tuple(_own_names(data))
    remarks = []
    if "build-system" in data:
        remarks.append("the project itself is not built: its build-system is left out")
    words = read_project_file(data)
    if not _is_neutral(data, installer, words, use):
        verbatim = {"project-files": {installer: _verbatim(data, installer)}}
        return CapturedProject(verbatim, own_names, tuple(remarks))
    tables: dict[str, Any] = {"project": {**_identity(data["project"]), **words.keys}}
    if words.requires_python:
        tables["project"] = {"requires-python": words.requires_python, **tables["project"]}
    if installer == "uv" and words.sources:
        tables["sources"] = {k: [dict(table) for table in v] for k, v in words.sources.items()}
    overrides = {
        index.name: dict(index.cache_control) for index in words.indexes if index.cache_control
    }
    if overrides and installer == "uv":
        tables["cache-control"] = overrides
    return CapturedProject(tables, own_names, tuple(remarks))


def _is_neutral(
    data: Mapping[str, Any], installer: str, words: ProjectWords, use: ProjectUse
) -> bool:
    """Return whether the installer would treat the scenario's tables like the user's file."""
    tool = data.get("tool")
    own = tool.get(installer, {}) if isinstance(tool, dict) else {}
    if not isinstance(data.get("project"), dict) or not isinstance(own, dict) or words.left_out:
        return False
    if not own.keys() <= _NEUTRAL_TOOLS.get(installer, frozenset()):
        return False
    if any("command" in step.keys for step in use.steps):
        return False  # a command may select groups, extras and settings
    groups = data.get("dependency-groups")
    if installer == "uv":
        # A neutral project has no default group: a verb such as add could not name it, and since
        # revision 5 a lockfile has the default groups.
        syncs = all(step.keys.get("do") in ("sync", "lock") for step in use.steps)
        is_free = not (isinstance(groups, dict) and DEFAULT_GROUP in groups) or (
            syncs and not use.has_lockfile
        )
        return is_free and _are_neutral(own, words)
    # A lockfile of Poetry or PDM has a hash of the project file.
    return not groups and not use.has_lockfile


def _are_neutral(own: Mapping[str, Any], words: ProjectWords) -> bool:
    """Return whether a scenario can express the indexes and conflicts of a ``[tool.uv]`` table."""
    tables = own.get(index_key("uv"), [])
    if not isinstance(tables, list):
        return False
    for table in tables:
        control = table.get("cache-control", {}) if isinstance(table, dict) else None
        if not isinstance(control, dict) or not table.keys() <= _NEUTRAL_INDEX:
            return False
        if not control.keys() <= {"api", "files"}:
            return False
    conflicts = [
        [
            f"group:{choice['group']}" if "group" in choice else str(choice.get("extra"))
            for choice in choices
        ]
        for choices in own.get("conflicts", [])
        if all(isinstance(choice, dict) and len(choice) == 1 for choice in choices)
    ]
    return conflicts == words.keys.get("conflicts", []) and len(conflicts) == len(
        own.get("conflicts", [])
    )


def _identity(project: Mapping[str, Any]) -> dict[str, str]:
    """Return the project's name and version, because extras and lockfiles may refer to them.

    An invalid name or version is left out.
    """
    name, version = project.get("name"), project.get("version")
    kept = {"name": name} if isinstance(name, str) and project_name(name) else {}
    return kept | ({"version": version} if isinstance(version, str) and is_version(version) else {})


def with_index_names(project: CapturedProject, names: Mapping[str, str]) -> CapturedProject:
    """Return the project with new names for its indexes."""
    tables = dict(project.tables)
    for key in ("project-files", "sources"):
        if key in tables:
            tables[key] = _with_index_names(tables[key], names)
    if "cache-control" in tables:
        control = tables["cache-control"].items()
        tables["cache-control"] = {names.get(name, name): table for name, table in control}
    return replace(project, tables=tables)


def _with_index_names(data: Any, names: Mapping[str, str]) -> Any:
    """Return nested tables in which the names of indexes are replaced."""
    if isinstance(data, list):
        return [_with_index_names(each, names) for each in data]
    if not isinstance(data, dict):
        return data
    renamed: dict[str, Any] = {}
    for key, value in data.items():
        is_name = key in ("index", "source") or (key == "name" and "url" in data)
        if is_name and isinstance(value, str):
            renamed[key] = names.get(project_name(value), value)
        else:
            renamed[key] = _with_index_names(value, names)
    return renamed


def _own_names(data: Mapping[str, Any]) -> Iterator[str]:
    tool = data.get("tool")
    poetry = tool.get("poetry") if isinstance(tool, dict) else None
    for table in (data.get("project"), poetry):
        name = table.get("name") if isinstance(table, dict) else None
        if isinstance(name, str) and project_name(name):
            yield name


def _verbatim(data: Mapping[str, Any], installer: str) -> dict[str, Any]:
    """Return those tables of a project file that affect the resolution, without logins."""
    project = data.get("project")
    tool = data.get("tool")
    own = dict(tool.get(installer) or {}) if isinstance(tool, dict) else {}
    kept: dict[str, Any] = {}
    if isinstance(project, dict):
        kept["project"] = {k: v for k, v in project.items() if k not in _NOT_RESOLVED}
        kept["project"].setdefault("version", "0.1.0")
        dynamic = project.get("dynamic")
        names = dynamic if isinstance(dynamic, list) else []
        kept["project"]["dynamic"] = [name for name in names if name in _DYNAMIC]
        if not kept["project"]["dynamic"]:
            del kept["project"]["dynamic"]
    if isinstance(data.get("dependency-groups"), dict):
        kept["dependency-groups"] = data["dependency-groups"]
    own = {
        k: v for k, v in own.items() if k not in (*_NOT_RESOLVED, "packages", "include", "build")
    }
    key, value = _NOT_BUILT.get(installer, ("", None))
    if key:
        own[key] = value
    if own:
        kept["tool"] = {installer: own}
    return dict(_without_logins(kept))


def _without_logins(value: Any) -> Any:
    """Return a value without user names and passwords, which are in URLs or in separate keys."""
    if isinstance(value, str):
        return _LOGIN.sub(r"\1", value)
    if isinstance(value, dict):
        kept = {key: each for key, each in value.items() if key not in ("username", "password")}
        return {key: _without_logins(each) for key, each in kept.items()}
    return [_without_logins(each) for each in value] if isinstance(value, list) else value
