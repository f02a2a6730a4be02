"""Write a scenario's project in uv's dialect: ``pyproject.toml`` with ``[tool.uv]`` tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import tomli_w

from pytest_indexcache.installers.commands.dialect import Dialect
from pytest_indexcache.installers.commands.indexes.project_indexes import (
    is_explicit,
    is_pypi,
    project_indexes,
    written_url,
)
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.fields import age_of, written_moment
from pytest_indexcache.scenario.tables.project import Source

_INDEXES = "0.4.23"
_FLAT = "flat indexes in [[tool.uv.index]]"
"""The name of the capability to define flat indexes in ``[[tool.uv.index]]``."""


def uv_project(scenario: Scenario, dialect: Dialect) -> str:
    """Return the text of the project file for a release of uv.

    :raises CapabilityError: if the release does not support something in the project
    """
    project = scenario.project
    groups = {name: list(many) for name, many in project.dependency_groups.items()}
    if groups:
        dialect.demand("dependency groups")
    extras = {name: list(many) for name, many in project.optional_dependencies.items()}
    table = {
        "name": project.name,
        "version": project.version,
        "requires-python": project.requires_python,
        "dependencies": list(project.dependencies),
        "optional-dependencies": extras,
    }
    document = {
        "project": {key: value for key, value in table.items() if value or key == "dependencies"},
        "dependency-groups": groups,
        "tool": {"uv": _own(scenario, dialect)},
    }
    return tomli_w.dumps(_filled(document))


def exclude_newer(moment: datetime | str, dialect: Dialect) -> str:
    """Return a time in uv's format: ``2026-08-01T12:00:00Z``, or an age such as ``7 days``.

    :raises CapabilityError: if the release does not support ages
    """
    if age_of(moment) is not None:
        dialect.demand("exclude-newer by an age")
    return written_moment(moment).removesuffix(" ago")


def _filled(table: dict[str, Any]) -> dict[str, Any]:
    """Return a table without its empty values and without those in its ``tool`` table."""
    filled = {key: _filled(value) if key == "tool" else value for key, value in table.items()}
    return {key: value for key, value in filled.items() if value not in ({}, [], None)}


def _own(scenario: Scenario, dialect: Dialect) -> dict[str, Any]:
    project = scenario.project
    own: dict[str, Any] = {}
    # uv installs the group "dev" by default; a step names the groups that it wants.
    if "dev" in project.dependency_groups:
        own["default-groups"] = []
    if project.conflicts:
        dialect.demand("conflicting extras")
        own["conflicts"] = [[_choice(name) for name in names] for names in project.conflicts]
    if project.overrides:
        own["override-dependencies"] = list(project.overrides)
    if project.constraints:
        own["constraint-dependencies"] = list(project.constraints)
    for key, markers in (
        ("environments", project.environments),
        ("required-environments", project.required_environments),
    ):
        if markers:
            dialect.demand(f"{key} of a project")
            own[key] = list(markers)
    if project.exclude_newer is not None:
        dialect.demand("exclude-newer of a project")
        own["exclude-newer"] = exclude_newer(project.exclude_newer, dialect)
    if project.prereleases:
        dialect.demand("prerelease of a project")
        own["prerelease"] = "allow"
    if project.resolution:
        dialect.demand("resolution of a project")
        own["resolution"] = project.resolution
    if project.link_mode:
        dialect.demand("link-mode of a project")
        own["link-mode"] = project.link_mode
    if dialect.has(_INDEXES):
        own |= _indexes(scenario, dialect)
    else:
        own |= _index_urls(scenario, dialect)
    own["sources"] = _sources(scenario, dialect)
    return {key: value for key, value in own.items() if value or key == "default-groups"}


def _choice(name: str) -> dict[str, str]:
    kind, separator, group = name.partition(":")
    return {kind: group} if separator else {"extra": name}


def _sources(scenario: Scenario, dialect: Dialect) -> dict[str, Any]:
    sources = {}
    for name, many in scenario.sources.items():
        if len(many) > 1:
            dialect.demand("lists of sources for a project")
        tables = [_source(source, dialect) for source in many]
        sources[name] = tables[0] if len(tables) == 1 else tables
    return sources


def _source(source: Source, dialect: Dialect) -> dict[str, Any]:
    if source.index:
        dialect.demand("index for one project")
    for key in ("extra", "group", "marker"):
        if getattr(source, key):
            dialect.demand(f"sources for one {key}")
    table = source.model_dump(exclude_defaults=True, exclude={"explicit"})
    if source.path is not None:
        table["path"] = f"../{source.path}"
    return table


def _indexes(scenario: Scenario, dialect: Dialect) -> dict[str, Any]:
    named = {source.index for many in scenario.sources.values() for source in many}
    tables = []
    flat: list[str] = []
    names = project_indexes(scenario)
    has_flat = dialect.capabilities[_FLAT].is_in(dialect.release)
    for name in names:
        is_default = name == scenario.default_index
        is_named = name in named or name in scenario.cache_control or name in scenario.access
        if is_default and is_pypi(scenario.indexes[name].url) and not is_named:
            continue
        # Before flat indexes had tables, their pages were named in find-links.
        if scenario.indexes[name].flat and not has_flat and name not in named:
            if is_default and len(flat) + 1 < len(names):
                dialect.demand(_FLAT)
            flat.append(name)
            continue
        tables.append(_index(scenario, name, dialect))
    return {
        "index": tables,
        "find-links": [written_url(scenario, name) for name in flat],
        "no-index": scenario.default_index in flat,
    }


def _index(scenario: Scenario, name: str, dialect: Dialect) -> dict[str, Any]:
    table: dict[str, Any] = {"name": name, "url": written_url(scenario, name)}
    if name == scenario.default_index:
        table["default"] = True
    elif is_explicit(scenario, name):
        table["explicit"] = True
    if scenario.indexes[name].flat:
        dialect.demand(_FLAT)
        table["format"] = "flat"
    override = scenario.cache_control.get(name)
    if override is not None:
        dialect.demand("override of an index's cache-control")
        table["cache-control"] = {
            key: text for key, text in (("api", override.pages), ("files", override.files)) if text
        }
    return table


def _index_urls(scenario: Scenario, dialect: Dialect) -> dict[str, Any]:
    """Return the keys that name the indexes for uv releases without ``[[tool.uv.index]]``."""
    if scenario.cache_control:
        dialect.demand("override of an index's cache-control")
    own: dict[str, Any] = {"extra-index-url": [], "find-links": []}
    for name in project_indexes(scenario):
        index = scenario.indexes[name]
        if is_explicit(scenario, name):
            dialect.demand("explicit indexes")
        if index.flat:
            own["find-links"].append(written_url(scenario, name))
            if name == scenario.default_index and own["extra-index-url"]:
                own["index-url"] = own["extra-index-url"].pop()
            elif name == scenario.default_index:
                own["no-index"] = True
        elif name != scenario.default_index:
            own["extra-index-url"].append(written_url(scenario, name))
        elif not is_pypi(index.url) or name in scenario.access:
            own["index-url"] = written_url(scenario, name)
    return own
