"""Read the project file of a captured project, and its indexes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit

from pytest_indexcache.data_formats import loads_toml
from pytest_indexcache.drafts.captures.indexes.seen import PYPI_URL, CapturedIndex
from pytest_indexcache.drafts.captures.privacy.replacements import is_public
from pytest_indexcache.drafts.files.project_files import index_name
from pytest_indexcache.drafts.words.names import project_name
from pytest_indexcache.errors import CommandError
from pytest_indexcache.system.urls import normal_url, without_credentials

PYPI: Final = CapturedIndex("pypi", PYPI_URL)

_VARIABLE: Final = re.compile(r"\$\{(.+?)\}")

LOCKFILES: Final = {"uv": "uv.lock", "poetry": "poetry.lock", "pdm": "pdm.lock"}


@dataclass(frozen=True)
class CapturedProject:
    """A captured project, represented as scenario tables.

    ``tables`` contains tables such as ``project``, ``sources`` and ``project-files``. ``own_names``
    contains names of the project itself, and ``local_names`` names of local projects. ``remarks``
    lists what was left out.
    """

    tables: Mapping[str, Any] = field(default_factory=dict)
    own_names: tuple[str, ...] = ()
    local_names: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def with_local_projects(project: CapturedProject, tables: Mapping[str, Any]) -> CapturedProject:
    """Return the project with the tables of its local projects.

    Members of a uv workspace become sources of the project. Sources in a member's file are not
    copied, because uv applies only the sources of the root.
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
    """Parse a ``pyproject.toml``; ``name`` is its name for error messages.

    :raises CommandError: if the text is not valid TOML
    """
    try:
        return loads_toml(text)
    except ValueError as error:
        raise CommandError(f"{name} is not valid TOML: {error}") from None


def project_indexes(data: Mapping[str, Any], installer: str) -> tuple[CapturedIndex, ...]:
    """Return the indexes in an installer's settings, in the order of the project file."""
    return tuple(_indexes(data, installer))


def unasked_indexes(data: Mapping[str, Any], installer: str) -> Iterator[str]:
    """Yield a remark for each index in a project file whose URL is not an http or https URL."""
    tool = data.get("tool")
    own = tool.get(installer) if isinstance(tool, dict) else None
    entries = own.get(index_key(installer)) if isinstance(own, dict) else None
    for entry in entries if isinstance(entries, list) else ():
        url = _written_url(entry, installer) if isinstance(entry, dict) else ""
        if url and not is_index_url(url):
            yield f"the index {entry.get('name') or 'without a name'}, not at http or https"


def with_pdm_variables(data: dict[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the tables of a project file, with variables in the URLs of PDM's sources expanded.

    PDM expands ``${NAME}`` anywhere in a source's URL. In the user name and password, it
    percent-encodes the value, and replaces a variable that is not set with an empty string.

    :raises CommandError: if a variable in the host or path of a URL is not set
    """
    tool = data.get("tool")
    own = tool.get("pdm") if isinstance(tool, dict) else None
    sources = own.get("source") if isinstance(own, dict) else None
    if not isinstance(sources, list):
        return data
    expanded = [
        {**source, "url": _with_pdm_variables(source["url"], environment)}
        if isinstance(source, dict) and isinstance(source.get("url"), str)
        else source
        for source in sources
    ]
    return {**data, "tool": {**(tool or {}), "pdm": {**(own or {}), "source": expanded}}}


def _with_pdm_variables(url: str, environment: Mapping[str, str]) -> str:
    scheme, sign, rest = url.partition("://")
    netloc, slash, path = rest.partition("/")
    auth, at, host = netloc.rpartition("@")
    auth = _VARIABLE.sub(lambda match: quote(environment.get(match[1], ""), safe=""), auth)
    place = f"{host}{slash}{path}"
    for found in _VARIABLE.finditer(place):
        if not environment.get(found[1]):
            shown = f"{scheme}{sign}{place}"
            raise CommandError(
                f"tool.pdm.source: the variable {found[1]} of {shown} is not set", f"set {found[1]}"
            )
    expanded = _VARIABLE.sub(lambda match: environment[match[1]], place)
    return f"{scheme}{sign}{auth}{at if auth else ''}{expanded}"


def with_indexes(
    data: Mapping[str, Any], installer: str, indexes: Sequence[CapturedIndex]
) -> dict[str, Any]:
    """Return a project file that lists all of ``indexes``.

    The user may have set some of these indexes in variables, options or other files, but a scenario
    can set them only in the project file.
    """
    own = {_place(index.url): index.is_default for index in project_indexes(data, installer)}
    others = [index for index in indexes if own.get(_place(index.url)) != index.is_default]
    others = [other for other in others if not (other.is_default and _place(other.url) == PYPI.url)]
    if installer not in ("uv", "poetry", "pdm") or not others:
        return dict(data)
    tool = data.get("tool") if isinstance(data.get("tool"), dict) else {}
    settings = dict((tool or {}).get(installer) or {})
    written = [
        setting for setting in settings.get(index_key(installer), ()) if isinstance(setting, dict)
    ]
    if installer == "uv":
        settings = {k: v for k, v in settings.items() if not k.endswith("index-url")}
        settings["index"] = [_uv_table(index, written) for index in indexes]
    else:
        added = [other for other in others if _place(other.url) not in own]
        first = [index for index in added if index.is_default and installer == "pdm"]
        tables = [_source_table(index, installer) for index in added if index not in first]
        # PDM asks an index called pypi first, wherever it is configured.
        front = [_source_table(index, installer) for index in first]
        settings["source"] = [*front, *written, *tables]
    return {**data, "tool": {**(tool or {}), installer: settings}}


def index_key(installer: str) -> str:
    """Return the key in an installer's settings that contains the indexes."""
    return "index" if installer == "uv" else "source"


def _place(url: str) -> str:
    """Return an index's normalised URL without a trailing slash, for comparison."""
    return normal_url(url).rstrip("/")


def _uv_table(index: CapturedIndex, written: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return an index as a table for uv's settings, based on the user's table if there is one."""
    for own in written:
        if _place(without_credentials(str(own.get("url", "")))) == _place(index.url):
            kept = {key: value for key, value in own.items() if key != "default"}
            return {"name": index.name} | kept | ({"default": True} if index.is_default else {})
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


def is_index_url(url: str) -> bool:
    """Return whether a URL can be an index URL: http or https, without query and fragment."""
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return is_web and not parts.query and not parts.fragment


def named_index(url: str, name: str = "", *, is_default: bool = False) -> CapturedIndex:
    """Return an index for a URL; credentials in the URL become its ``login``."""
    plain = without_credentials(url)
    return CapturedIndex(
        project_name(name) or index_name(plain), plain, is_default, login=_login(url)
    )


def unique_indexes(
    indexes: Iterator[CapturedIndex] | tuple[CapturedIndex, ...],
) -> tuple[CapturedIndex, ...]:
    """Return the first index with each URL, and give each of these indexes a unique name."""
    found: dict[str, CapturedIndex] = {}
    for index in indexes:
        key = _place(index.url)
        if key in found:
            continue
        names = {each.name for each in found.values()}
        name, number = index.name, 2
        while name in names:
            name, number = f"{index.name}-{number}", number + 1
        found[key] = replace(index, name=name)
    return tuple(found.values())


def neutral_names(indexes: Iterable[CapturedIndex]) -> dict[str, str]:
    """Return new names for the indexes whose names may be private, keyed by old name."""
    private = [index.name for index in indexes if not _is_public_name(index)]
    return {name: f"index{number}" for number, name in enumerate(private, 1)}


def _is_public_name(index: CapturedIndex) -> bool:
    """Return whether the name of an index reveals nothing private.

    This is true if the index is public and its URL contains every part of the name. The name
    ``pypi`` is always public.
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
    entries = own.get(index_key(installer))
    for entry in entries if isinstance(entries, list) else ():
        place = _written_url(entry, installer) if isinstance(entry, dict) else ""
        if not is_index_url(place):
            continue
        priority = str(entry.get("priority", ""))
        is_default = entry.get("default") is True or priority in ("primary", "default")
        if installer in ("poetry", "pdm") and not priority:
            is_default = entry.get("name") == "pypi" or installer == "poetry"
        index = named_index(place, str(entry.get("name", "")), is_default=is_default)
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


def _written_url(entry: Mapping[str, Any], installer: str) -> str:
    """Return the URL in an index's table.

    Poetry and PDM allow a table named ``pypi`` without a URL, for which PyPI's URL is returned. For
    any other table without a URL, the result is an empty string.
    """
    is_pypi = str(entry.get("name", "")).lower() == PYPI.name and installer != "uv"
    return str(entry.get("url") or (PYPI.url if is_pypi else ""))
