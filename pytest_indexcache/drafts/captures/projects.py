"""Convert the project in a folder to a scenario: its project file, indexes and lockfile."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from pytest_indexcache.data_formats import loads_toml
from pytest_indexcache.drafts.captures.indexes.seen import CapturedIndex
from pytest_indexcache.drafts.captures.privacy.replacements import is_public
from pytest_indexcache.drafts.files.project_files import index_name, read_project_file
from pytest_indexcache.drafts.words.names import is_version, project_name
from pytest_indexcache.errors import CommandError
from pytest_indexcache.system.urls import without_credentials

PYPI: Final = CapturedIndex("pypi", "https://pypi.org/simple")

LOCKFILES: Final = {"uv": "uv.lock", "poetry": "poetry.lock", "pdm": "pdm.lock"}

_NEUTRAL_TOOLS: Final[Mapping[str, frozenset[str]]] = {
    "uv": frozenset(
        """
        index index-url extra-index-url sources override-dependencies constraint-dependencies
        dev-dependencies conflicts package managed
        """.split()  # noqa: SIM905
    ),
    "poetry": frozenset(("source", "package-mode")),
    "pdm": frozenset(("source", "distribution")),
}
_NOT_RESOLVED: Final = [
    "authors",
    "classifiers",
    "description",
    "dynamic",
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
class CapturedProject:
    """A project as tables of a scenario.

    ``tables`` are ``project``, ``sources``, ``project-files``, ``local-projects`` and
    ``cache-control``. ``own_names`` are the project's own names, ``local_names`` the names of local
    projects, and ``remarks`` list the omissions.
    """

    tables: Mapping[str, Any] = field(default_factory=dict)
    own_names: tuple[str, ...] = ()
    local_names: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def with_local_projects(project: CapturedProject, tables: Mapping[str, Any]) -> CapturedProject:
    """Return the project with its local projects, and a source for each uv workspace member.

    The sources in a member's own file are not copied; uv applies the root's sources to it.
    """
    if not tables:
        return project
    remark = "local projects are built by a backend of the scenario, only from their requirements"
    found = {**project.tables, "local-projects": dict(tables)}
    written = project.tables.get("project-files", {}).get("uv", {}).get("tool", {}).get("uv", {})
    if "workspace" in written:
        members = {name: {"workspace": True} for name in tables}
        written["sources"] = {**members, **written.get("sources", {})}
    return replace(
        project,
        tables=found,
        local_names=tuple(tables),
        remarks=(*project.remarks, remark),
    )


def project_data(text: str, name: str = "pyproject.toml") -> dict[str, Any]:
    """Return the tables of a ``pyproject.toml``, or of another file with this name.

    :raises CommandError: if the text is not TOML
    """
    try:
        return loads_toml(text)
    except ValueError as error:
        raise CommandError(f"{name} is not valid TOML: {error}") from None


def project_indexes(data: Mapping[str, Any], installer: str) -> tuple[CapturedIndex, ...]:
    """Return the indexes that a project file names for an installer, in its order."""
    return tuple(_indexes(data, installer))


def with_indexes(
    data: Mapping[str, Any], installer: str, indexes: Sequence[CapturedIndex]
) -> dict[str, Any]:
    """Return the tables of a project file that names all these indexes.

    In a scenario, only the project file can name an index that the user named in a variable, on the
    command line or in another file.
    """
    own = {index.url.rstrip("/"): index.is_default for index in project_indexes(data, installer)}
    others = [index for index in indexes if own.get(index.url.rstrip("/")) != index.is_default]
    others = [it for it in others if not (it.is_default and it.url.rstrip("/") == PYPI.url)]
    if installer not in ("uv", "poetry", "pdm") or not others:
        return dict(data)
    tool = data.get("tool") if isinstance(data.get("tool"), dict) else {}
    settings = dict((tool or {}).get(installer) or {})
    if installer == "uv":
        settings = {k: v for k, v in settings.items() if not k.endswith("index-url")}
        settings["index"] = [_uv_table(index) for index in indexes]
    else:
        tables = [_source_table(it, installer) for it in others if it.url.rstrip("/") not in own]
        settings["source"] = [*settings.get("source", ()), *tables]
    return {**data, "tool": {**(tool or {}), installer: settings}}


def _uv_table(index: CapturedIndex) -> dict[str, Any]:
    table: dict[str, Any] = {"name": index.name, "url": index.url}
    table |= {"default": True} if index.is_default else {}
    table |= {"explicit": True} if index.is_explicit else {}
    control = {{"pages": "api"}.get(k, k): v for k, v in index.cache_control.items()}
    return table | ({"cache-control": control} if control else {})


def _source_table(index: CapturedIndex, installer: str) -> dict[str, Any]:
    name = "pypi" if installer == "pdm" and index.is_default else index.name
    table: dict[str, Any] = {"name": name, "url": index.url}
    if installer == "poetry":
        table["priority"] = "primary" if index.is_default else "supplemental"
    return table


def captured_project(
    data: Mapping[str, Any], installer: str, names: Mapping[str, str]
) -> CapturedProject:
    """Return the project of a ``pyproject.toml`` for an installer, with its indexes renamed.

    The neutral form is used if it can express the project, and otherwise the verbatim project file,
    without comments or parts that do not affect a resolution.
    """
    data = _with_index_names(data, names)
    own_names = tuple(_own_names(data))
    remarks = []
    if "build-system" in data:
        remarks.append("the project itself is not built: its build-system is left out")
    tool = data.get("tool")
    own = tool.get(installer, {}) if isinstance(tool, dict) else {}
    words = read_project_file(data)
    is_neutral = (
        isinstance(data.get("project"), dict)
        and isinstance(own, dict)
        and not words.left_out
        and own.keys() <= _NEUTRAL_TOOLS.get(installer, frozenset())
    )
    if not is_neutral:
        verbatim = {"project-files": {installer: _verbatim(data, installer)}}
        return CapturedProject(verbatim, own_names, tuple(remarks))
    tables: dict[str, Any] = {"project": {**_version(data["project"]), **words.keys}}
    if words.requires_python:
        tables["project"] = {"requires-python": words.requires_python, **tables["project"]}
    if installer == "uv" and words.sources:
        tables["sources"] = {k: [dict(it) for it in v] for k, v in words.sources.items()}
    overrides = {it.name: dict(it.cache_control) for it in words.indexes if it.cache_control}
    if overrides and installer == "uv":
        tables["cache-control"] = overrides
    return CapturedProject(tables, own_names, tuple(remarks))


def _version(project: Mapping[str, Any]) -> dict[str, str]:
    """Return the ``version`` of a project, which its lockfiles contain as well."""
    version = project.get("version")
    return {"version": version} if isinstance(version, str) and is_version(version) else {}


def _with_index_names(data: Any, names: Mapping[str, str]) -> Any:
    """Return the tables of a project file with its indexes renamed."""
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


def is_index_url(url: str) -> bool:
    """Return whether a URL can be that of an index: http or https, without a query."""
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return is_web and not parts.query and not parts.fragment


def named_index(url: str, name: str = "", *, is_default: bool = False) -> CapturedIndex:
    """Return the index at a URL, with the credentials removed from the URL."""
    plain = without_credentials(url)
    return CapturedIndex(
        project_name(name) or index_name(plain), plain, is_default, login=_login(url)
    )


def unique_indexes(
    indexes: Iterator[CapturedIndex] | tuple[CapturedIndex, ...],
) -> tuple[CapturedIndex, ...]:
    """Return the indexes without duplicate URLs, each with a unique name."""
    found: dict[str, CapturedIndex] = {}
    for index in indexes:
        key = index.url.rstrip("/").lower()
        if key in found:
            continue
        names = {each.name for each in found.values()}
        name, number = index.name, 2
        while name in names:
            name, number = f"{index.name}-{number}", number + 1
        found[key] = replace(index, name=name)
    return tuple(found.values())


def neutral_names(indexes: Iterable[CapturedIndex]) -> dict[str, str]:
    """Return new names for indexes at private hosts, and for names that do not follow from URLs."""
    private = [index.name for index in indexes if not _is_public_name(index)]
    return {name: f"index{number}" for number, name in enumerate(private, 1)}


def _is_public_name(index: CapturedIndex) -> bool:
    """Return whether an index is public, and each part of its name occurs in its URL.

    The name ``pypi`` has a meaning for PDM, and identifies nobody.
    """
    if index.name == PYPI.name:
        return True
    return is_public(index.url) and all(part in index.url for part in index.name.split("-"))


def _login(url: str) -> tuple[str, str] | None:
    credentials = urlsplit(url).netloc.rpartition("@")[0]
    if not credentials:
        return None
    user, _, password = credentials.partition(":")
    return unquote(user), unquote(password)


def _indexes(data: Mapping[str, Any], installer: str) -> Iterator[CapturedIndex]:
    tool = data.get("tool")
    own = tool.get(installer) if isinstance(tool, dict) else None
    if not isinstance(own, dict):
        return
    entries = own.get("index" if installer == "uv" else "source")
    for entry in entries if isinstance(entries, list) else ():
        url = entry.get("url") if isinstance(entry, dict) else None
        if not isinstance(url, str) or not is_index_url(url):
            continue
        priority = str(entry.get("priority", ""))
        is_default = entry.get("default") is True or priority in ("primary", "default")
        if installer in ("poetry", "pdm") and not priority:
            is_default = entry.get("name") == "pypi" or installer == "poetry"
        index = named_index(url, str(entry.get("name", "")), is_default=is_default)
        index = replace(index, is_explicit=entry.get("explicit") is True or priority == "explicit")
        if isinstance(entry.get("username"), str):
            index = replace(index, login=(entry["username"], str(entry.get("password", ""))))
        override = entry.get("cache-control")
        if isinstance(override, dict):
            said = {"pages": override.get("api"), "files": override.get("files")}
            index = replace(
                index, cache_control={k: v for k, v in said.items() if isinstance(v, str)}
            )
        yield index
    for key, is_default in (("extra-index-url", False), ("index-url", True)):
        given = own.get(key) if installer == "uv" else None
        for url in given if isinstance(given, list) else [given]:
            if isinstance(url, str) and is_index_url(url):
                yield named_index(url, is_default=is_default)


def _own_names(data: Mapping[str, Any]) -> Iterator[str]:
    tool = data.get("tool")
    poetry = tool.get("poetry") if isinstance(tool, dict) else None
    for table in (data.get("project"), poetry):
        name = table.get("name") if isinstance(table, dict) else None
        if isinstance(name, str) and project_name(name):
            yield name


def _verbatim(data: Mapping[str, Any], installer: str) -> dict[str, Any]:
    """Return the parts of a project file that affect a resolution, without private parts."""
    project = data.get("project")
    tool = data.get("tool")
    own = dict(tool.get(installer) or {}) if isinstance(tool, dict) else {}
    kept: dict[str, Any] = {}
    if isinstance(project, dict):
        kept["project"] = {k: v for k, v in project.items() if k not in _NOT_RESOLVED}
        kept["project"].setdefault("version", "0.1.0")
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
    """Return tables with users and passwords removed from the URLs."""
    if isinstance(value, str):
        return _LOGIN.sub(r"\1", value)
    if isinstance(value, dict):
        kept = {key: each for key, each in value.items() if key not in ("username", "password")}
        return {key: _without_logins(each) for key, each in kept.items()}
    return [_without_logins(each) for each in value] if isinstance(value, list) else value
