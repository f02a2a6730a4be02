"""Find the local projects that a project file, requirements or a command refers to by path."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pytest_indexcache.drafts.captures.commands import CapturedStep
from pytest_indexcache.drafts.files.project_files import read_project_file
from pytest_indexcache.drafts.words.names import is_version, project_name
from pytest_indexcache.scenario.commands import command_parts

_PROJECT_ROOT: Final = re.compile(r"file:///\$\{PROJECT_ROOT\}/(?P<path>[^#\s;'\"]+)")
_REPOSITORY: Final = re.compile(r"\b(?:git|hg|svn|bzr)\+[a-z]+:")
_EDITABLE_LINE: Final = re.compile(
    r"^\s*(?:(?:-e|--editable)[ =]\s*|(?=\.{1,2}/))(?P<path>[^\s;\[#]+)"
)


@dataclass(frozen=True)
class LocalPath:
    """A path to a local project.

    ``place`` says where the path is written, such as ``tool.uv.workspace.members[0]``. ``is_glob``
    is true for members of a workspace.
    """

    place: str
    path: str
    is_glob: bool = False


def local_paths(data: Mapping[str, Any], installer: str) -> Iterator[LocalPath]:
    """Yield the paths to local projects in a project file."""
    tool = data.get("tool")
    own = tool.get(installer) if isinstance(tool, dict) else None
    own = own if isinstance(own, dict) else {}
    yield from _paths_in(own, f"tool.{installer}")
    workspace = own.get("workspace") if installer == "uv" else None
    members = workspace.get("members") if isinstance(workspace, dict) else None
    for number, member in enumerate(members if isinstance(members, list) else ()):
        if isinstance(member, str):
            yield LocalPath(f"tool.uv.workspace.members[{number}]", member, True)
    for place, text in _texts(data, ""):
        for found in _PROJECT_ROOT.finditer(text):
            yield LocalPath(place, found["path"])


def remote_sources(data: Mapping[str, Any], installer: str) -> Iterator[str]:
    """Yield the key path of each dependency or source that names a version control repository."""
    tool = data.get("tool")
    own = tool.get(installer) if isinstance(tool, dict) else None
    for place, text in _texts({"project": data.get("project"), f"tool.{installer}": own}, ""):
        is_source = ".sources." in place or "depend" in place
        if is_source and (place.endswith(".git") or _REPOSITORY.search(text)):
            yield place


def line_paths(name: str, text: str) -> Iterator[LocalPath]:
    """Yield the paths to local projects in a requirements file."""
    for number, line in enumerate(text.splitlines(), 1):
        found = _EDITABLE_LINE.match(line)
        if found is not None and "://" not in found["path"]:
            yield LocalPath(f"{name}:{number}", found["path"])


def command_paths(step: CapturedStep) -> Iterator[LocalPath]:
    """Yield the paths to local projects in a command."""
    parts = command_parts(step.installer, list(step.words))
    options = parts.options if parts is not None else ()
    given = [
        value.value for value in options if value.option in ("-e", "--editable") and value.value
    ]
    words = (
        [
            argument
            for argument in parts.arguments
            if argument == "." or argument.startswith(("./", "../"))
        ]
        if parts
        else []
    )
    for path in (*given, *words):
        if "://" not in path:
            yield LocalPath(" ".join(step.words), path.partition("[")[0])


def local_project(data: Mapping[str, Any], path: str) -> tuple[str, dict[str, Any]]:
    """Return the name and the scenario table of a local project.

    Both are empty if its project file has no valid name in ``[project]``.
    """
    project = data.get("project")
    name = project.get("name") if isinstance(project, dict) else None
    if not isinstance(project, dict) or not isinstance(name, str) or not project_name(name):
        return "", {}
    keys = read_project_file(data).keys
    version = project.get("version")
    table: dict[str, Any] = {"path": path}
    if isinstance(version, str) and is_version(version):
        table["version"] = version
    if keys.get("dependencies"):
        table["requires"] = keys["dependencies"]
    if keys.get("optional-dependencies"):
        table["extras"] = keys["optional-dependencies"]
    return project_name(name), table


def _paths_in(value: Any, place: str) -> Iterator[LocalPath]:
    """Yield all values of ``path`` in tables of sources or dependencies."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            if (
                key == "path"
                and isinstance(each, str)
                and ("sources" in place or "depend" in place)
            ):
                yield LocalPath(f"{place}.path", each)
            else:
                yield from _paths_in(each, f"{place}.{key}")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _paths_in(each, f"{place}[{number}]")


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _texts(each, f"{place}.{key}".lstrip("."))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _texts(each, f"{place}[{number}]")
    elif isinstance(value, str):
        yield place, value
