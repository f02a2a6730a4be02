"""Read the files in a project folder for a capture: project file, lockfile and named files."""

from __future__ import annotations

import netrc
import os
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from pytest_indexcache.drafts.captures.capture_plan import CapturePlan
from pytest_indexcache.drafts.captures.commands import CapturedStep, NamedIndex
from pytest_indexcache.drafts.captures.indexes.seen import CapturedIndex
from pytest_indexcache.drafts.captures.local_projects import (
    LocalPath,
    command_paths,
    line_paths,
    local_paths,
    remote_sources,
)
from pytest_indexcache.drafts.captures.lock_hashes import rehashed
from pytest_indexcache.drafts.captures.lockfiles import own_lockfile
from pytest_indexcache.drafts.captures.project_forms import (
    DEFAULT_GROUP,
    ProjectUse,
    captured_project,
)
from pytest_indexcache.drafts.captures.projects import (
    LOCKFILES,
    PYPI,
    CapturedProject,
    is_index_url,
    named_index,
    neutral_names,
    project_data,
    project_indexes,
    unasked_indexes,
    unique_indexes,
    with_indexes,
    with_local_projects,
    with_pdm_variables,
)
from pytest_indexcache.drafts.words.names import project_name
from pytest_indexcache.errors import CommandError
from pytest_indexcache.run.captures.configured_indexes import ConfiguredIndexes, configured_indexes
from pytest_indexcache.run.captures.local_folders import local_projects
from pytest_indexcache.system.urls import without_credentials

_MOST_BYTES: Final = 1 << 20
_INDEX_KEYS: Final = ("index", "index-url", "extra-index-url")
_VARIABLE: Final = re.compile(r"\$\{([A-Z0-9_]+)\}")
_INDEX_LINE: Final = re.compile(
    r"^\s*(?P<option>-i|--index-url|--extra-index-url)[ =]\s*(?P<url>\S+)"
)
_INCLUDE_LINE: Final = re.compile(
    r"\s*(?:-r|--requirement|-c|--constraint)(?:\s*=\s*|\s+|(?<=-[rc]))(?P<file>\S+)"
)


@dataclass(frozen=True)
class CaptureRequest:
    """A user's request for a capture.

    ``steps`` lists the commands, and ``indexes`` the indexes on the command line. ``files`` lists
    further files in the folder to copy into the workspace. ``environment`` contains the user's
    variables. Private names are replaced unless ``keeps_names`` is true. With
    ``with_machine``, machine-wide configuration files are read, too.
    """

    folder: Path
    steps: tuple[CapturedStep, ...]
    indexes: tuple[NamedIndex, ...] = ()
    files: tuple[str, ...] = ()
    python: str = ""
    environment: Mapping[str, str] | None = None
    keeps_names: bool = False
    with_machine: bool = False


def plan_capture(asked: CaptureRequest) -> CapturePlan:
    """Read the project's folder, and return the plan of the capture.

    A single command is played twice: with an empty cache, and with the resulting cache.

    :raises CommandError: if the folder or its project file is missing, if a file cannot be read, or
        if the commands belong to several installers
    """
    installer = asked.steps[0].installer
    if not asked.folder.is_dir():
        raise CommandError(f"there is no folder {asked.folder}", "give the project's folder")
    if any(step.installer != installer for step in asked.steps):
        raise CommandError("the commands use different installers", "capture each separately")
    environment = os.environ if asked.environment is None else asked.environment
    before = data = _data(asked)
    data = with_pdm_variables(data, environment) if installer == "pdm" else data
    files, named = _files(asked, installer)
    given = [*asked.indexes, *(index for step in asked.steps for index in step.indexes), *named]
    configured = _configured(asked, environment)
    indexes = _indexes(given, configured, _settings(asked, data), environment, installer)
    names = {} if asked.keeps_names else neutral_names(indexes)
    data = with_indexes(data, installer, indexes) if data else data
    lockfile = LOCKFILES.get(installer, "")
    use = ProjectUse(asked.steps, lockfile in files)
    project = captured_project(data, installer, use) if data else CapturedProject()
    written = project.tables.get("project-files", {}).get(installer)
    if written and lockfile in files:
        files[lockfile] = rehashed(files[lockfile], installer, before, written)
    indexes = _with_netrc(indexes, project, asked.steps)
    project = with_local_projects(
        project, local_projects(asked.folder, _local_paths(asked, data, files))
    )
    if "uv.lock" in files:
        files["uv.lock"] = own_lockfile(files["uv.lock"])
    return CapturePlan(
        _steps([_with_default_group(step, project) for step in asked.steps]),
        project,
        indexes,
        files,
        asked.python,
        (*unasked_indexes(before, installer), *configured.remarks),
        tuple(_notes((*configured.before, *configured.after), indexes)),
        names,
    )


def _with_netrc(
    indexes: tuple[CapturedIndex, ...], project: CapturedProject, steps: Sequence[CapturedStep]
) -> tuple[CapturedIndex, ...]:
    """Return the indexes, with logins in a netrc file if the scenario needs one.

    A netrc file is needed for the user's project file and verbatim commands, which have no logins.
    """
    is_written = "project-files" in project.tables or any("command" in step.keys for step in steps)
    if not is_written:
        return indexes
    return tuple(replace(index, is_netrc=index.login is not None) for index in indexes)


def _with_default_group(step: CapturedStep, project: CapturedProject) -> CapturedStep:
    """Add the group ``dev`` to a ``uv sync`` step, because uv syncs this group by default.

    The project file that the harness writes does not define default groups. A project with other
    ``default-groups`` is played with the user's own project file.
    """
    is_sync = step.installer == "uv" and step.keys.get("do") == "sync"
    if not is_sync or DEFAULT_GROUP not in project.tables.get("project", {}).get(
        "dependency-groups", {}
    ):
        return step
    named = dict.fromkeys([*step.keys.get("groups", ()), DEFAULT_GROUP])
    return replace(step, keys={**step.keys, "groups": list(named)})


def _local_paths(
    asked: CaptureRequest, data: Mapping[str, Any], files: Mapping[str, str]
) -> Iterator[LocalPath]:
    """Yield the paths of local projects in the project file, requirements files and commands.

    :raises CommandError: if a dependency comes from a version control repository
    """
    installer = asked.steps[0].installer
    for place in remote_sources(data, installer):
        hint = "require a release that an index has, or capture without this requirement"
        raise CommandError(f"{place}: a repository cannot be captured, only indexes", hint)
    yield from local_paths(data, installer)
    for name, text in files.items():
        if name.endswith((".txt", ".in")):
            yield from line_paths(name, text)
    for step in asked.steps:
        yield from command_paths(step)


def _configured(asked: CaptureRequest, environment: Mapping[str, str]) -> ConfiguredIndexes:
    return configured_indexes(
        asked.steps[0].installer,
        asked.folder,
        environment,
        is_pip=_is_pip(asked.steps),
        with_machine=asked.with_machine,
    )


def _indexes(
    given: Sequence[NamedIndex],
    configured: ConfiguredIndexes,
    data: Mapping[str, Any],
    environment: Mapping[str, str],
    installer: str,
) -> tuple[CapturedIndex, ...]:
    """Return the indexes from the command line, environment variables and configuration files."""
    first = [_of_named(index, environment) for index in (*given, *configured.before)]
    own = [_with_variables(index, environment) for index in project_indexes(data, installer)]
    last = [_of_named(index, environment) for index in configured.after]
    found = _with_default([*first, *own, *last])
    if installer in ("uv", "pip"):
        named = set(_source_indexes(data))
        # uv and pip ask only one default index; another is asked only if a source names it.
        replaced = {index.url for index in (*first, *own, *last) if index.is_default} - {
            index.url for index in found if index.is_default or index.name in named
        }
        found = tuple(index for index in found if index.url not in replaced)
    return tuple(_with_login(index, environment, installer) for index in found)


def _source_indexes(data: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of the indexes to which uv's table of sources refers."""
    own = (data.get("tool") or {}).get("uv") or {}
    for value in (own.get("sources") or {}).values():
        for table in value if isinstance(value, list) else [value]:
            yield project_name(str(table.get("index", ""))) or ""


def _notes(named: Iterable[NamedIndex], indexes: Sequence[CapturedIndex]) -> Iterator[str]:
    """Yield the URL of each index in ``named`` that is in ``indexes``, and where it is set."""
    used = {index.url.rstrip("/") for index in indexes}
    for index in named:
        url = without_credentials(index.url)
        if url.rstrip("/") in used:
            yield f"index {url}, from {index.place}"


def _steps(commands: Sequence[CapturedStep]) -> tuple[CapturedStep | str, ...]:
    if len(commands) > 1:
        return tuple(commands)
    (command,) = commands
    return (command, "remove-venv", command) if command.installs else (command, command)


def _data(asked: CaptureRequest) -> dict[str, Any]:
    file = asked.folder / "pyproject.toml"
    if _is_pip(asked.steps):
        return {}
    if not file.is_file():
        if asked.steps[0].installer == "pip":
            return {}
        hint = "run it in the project's folder, or give --project FOLDER"
        raise CommandError(f"there is no pyproject.toml in {asked.folder}", hint)
    data = project_data(_read(file))
    return _with_uv_toml(data, asked) if asked.steps[0].installer == "uv" else data


def _with_uv_toml(data: dict[str, Any], asked: CaptureRequest) -> dict[str, Any]:
    """Return the tables of a project file, with uv's settings from a ``uv.toml`` in its folder.

    If there is a ``uv.toml``, uv reads its settings only from there, but still reads sources and
    groups from the project file.
    """
    file = asked.folder / "uv.toml"
    if not file.is_file():
        return data
    settings = project_data(_read(file), "uv.toml")
    tool = data.get("tool") if isinstance(data.get("tool"), dict) else {}
    own = {k: v for k, v in (tool or {}).get("uv", {}).items() if k not in _INDEX_KEYS}
    return {**data, "tool": {**(tool or {}), "uv": {**own, **settings}}}


def _settings(asked: CaptureRequest, data: dict[str, Any]) -> dict[str, Any]:
    """Return the tables in which indexes are defined.

    For ``uv pip``, they are read from the folder's project file and ``uv.toml``. For all other
    commands, they are ``data``.
    """
    if asked.steps[0].installer != "uv" or data:
        return data
    file = asked.folder / "pyproject.toml"
    return _with_uv_toml(project_data(_read(file)) if file.is_file() else {}, asked)


def _is_pip(steps: Sequence[CapturedStep]) -> bool:
    """Return whether every command works on a venv, and not on the project."""
    return all(step.keys.get("do") == "install" for step in steps)


def _files(asked: CaptureRequest, installer: str) -> tuple[dict[str, str], list[NamedIndex]]:
    """Return the files' contents by path, and the indexes in requirements files."""
    names = [*asked.files, *(name for step in asked.steps for name in step.files)]
    lockfile = LOCKFILES.get(installer)
    if lockfile and not _is_pip(asked.steps) and (asked.folder / lockfile).is_file():
        names.append(lockfile)
    files: dict[str, str] = {}
    named: list[NamedIndex] = []
    while names:
        name = names.pop(0)
        path = asked.folder / name
        if name in files:
            continue
        if not path.resolve().is_relative_to(asked.folder.resolve()):
            raise CommandError(f"{name} is not in the project's folder", "name a file within it")
        text = _read(path)
        if path.suffix in (".txt", ".in"):
            text, found = _without_indexes(text)
            named += found
            folder = posixpath.dirname(name)
            names += [posixpath.normpath(posixpath.join(folder, file)) for file in _nested(text)]
        files[name] = text
    return files, named


def _nested(text: str) -> list[str]:
    """Return the paths of the requirements files that a requirements file includes."""
    return [found["file"] for found in map(_INCLUDE_LINE.match, text.splitlines()) if found]


def _without_indexes(text: str) -> tuple[str, list[NamedIndex]]:
    """Return a requirements file without comments or index options, and its indexes."""
    lines, named = [], []
    for line in text.splitlines():
        found = _INDEX_LINE.match(line)
        if found is not None:
            named.append(NamedIndex(found["url"], found["option"] != "--extra-index-url"))
        elif line.strip() and not line.lstrip().startswith("#"):
            lines.append(line.partition(" #")[0].rstrip())
    return "".join(f"{line}\n" for line in lines), named


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise CommandError(f"{path.name} has more than 1 MiB", "a scenario cannot have it")
        return data.decode()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise CommandError(f"{path} cannot be read: it is not UTF-8") from None


def _of_named(named: NamedIndex, environment: Mapping[str, str]) -> CapturedIndex:
    url = _expanded(named.url, environment)
    if not is_index_url(url):
        shown = named.url.rpartition("@")[2]
        raise CommandError(
            f"no index can be asked at {shown!r}",
            "give the http or https URL of its simple pages, such as https://pypi.org/simple",
        )
    index = named_index(url, named.name, is_default=named.is_default)
    login = index.login or named.login
    return replace(index, is_explicit=named.is_explicit, login=login)


def _with_variables(index: CapturedIndex, environment: Mapping[str, str]) -> CapturedIndex:
    """Return an index with the variables in its URL and login expanded, as PDM and pip do."""
    login = index.login and tuple(_expanded(text, environment) for text in index.login)
    found = replace(index, url=_expanded(index.url, environment))
    return replace(found, login=(login[0], login[1])) if login else found


def _expanded(text: str, environment: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda found: environment.get(found[1], found[0]), text)


def _with_default(indexes: Sequence[CapturedIndex]) -> tuple[CapturedIndex, ...]:
    """Return the indexes without duplicates, and with exactly one of them as the default.

    The first index marked as default stays the default. If there is none, PyPI becomes the default;
    it is added if it is missing.
    """
    unique = unique_indexes(tuple(indexes))
    defaults = [index.name for index in unique if index.is_default]
    is_pypi = any(index.url.rstrip("/") == PYPI.url for index in unique)
    if not defaults and not is_pypi:
        return unique_indexes((*unique, replace(PYPI, is_default=True)))
    first = defaults[0] if defaults else "pypi"
    return tuple(replace(index, is_default=index.name == first) for index in unique)


def _with_login(
    index: CapturedIndex, environment: Mapping[str, str], installer: str
) -> CapturedIndex:
    """Return an index with the login from the user's variables or netrc file, if there is one."""
    if index.login is not None:
        return index
    name = re.sub(r"[^A-Z0-9]", "_", index.name.upper())
    prefixes = ["UV_INDEX_", "POETRY_HTTP_BASIC_"]
    if installer == "pdm" and index.name == PYPI.name:
        prefixes.append("PDM_")
    for prefix in prefixes:
        user = environment.get(f"{prefix}{name}_USERNAME", "")
        password = environment.get(f"{prefix}{name}_PASSWORD", "")
        if user or password:
            return replace(index, login=(user, password))
    found = _of_netrc(urlsplit(index.url).hostname or "", environment)
    return index if found is None else replace(index, login=found, is_netrc=True)


def _of_netrc(host: str, environment: Mapping[str, str]) -> tuple[str, str] | None:
    home = environment.get("HOME", "")
    file = Path(environment.get("NETRC") or Path(home) / ".netrc")
    if not home or not file.is_file():
        return None
    try:
        found = netrc.netrc(str(file)).hosts.get(host)
    except (netrc.NetrcParseError, OSError, UnicodeDecodeError):
        return None
    return (found[0], found[2]) if found is not None else None
