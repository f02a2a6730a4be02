"""Write a scenario's project in PDM's dialect: ``[project]`` and ``[tool.pdm]`` tables."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

import tomli_w
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pytest_indexcache.installers.commands.dialect import Dialect
from pytest_indexcache.installers.commands.indexes.project_indexes import (
    is_explicit,
    is_pypi,
    project_indexes,
    written_url,
)
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.fields import LinkMode, age_of, written_moment
from pytest_indexcache.scenario.tables.project import Source

_GROUPS: Final = "2.20.0"
_OVERRIDES: Final = "2.3.0"
_PRERELEASES: Final = "2.12.0"


def pdm_project(scenario: Scenario, dialect: Dialect) -> str:
    """Return the text of the project file for a release of PDM.

    :raises CapabilityError: if the release does not support something in the project
    """
    project = scenario.project
    sources = [source for many in scenario.sources.values() for source in many]
    for what, value in (
        ("conflicting extras", project.conflicts),
        ("constraints", project.constraints),
        ("environments of a project", project.environments),
        ("required-environments of a project", project.required_environments),
        ("override of an index's cache-control", scenario.cache_control),
        ("sources for one extra, group or marker", any(map(_is_partial, sources))),
        (
            "lists of sources for a project",
            any(len(many) > 1 for many in scenario.sources.values()),
        ),
        (
            "editable dependencies but in development groups",
            any(source.editable for source in sources),
        ),
    ):
        if value:
            dialect.demand(what)
    table: dict[str, Any] = {"name": project.name, "version": project.version}
    if project.requires_python:
        table["requires-python"] = project.requires_python
    table["dependencies"] = _placed(scenario, project.dependencies)
    if project.optional_dependencies:
        extras = project.optional_dependencies.items()
        table["optional-dependencies"] = {name: _placed(scenario, many) for name, many in extras}
    groups = {name: _placed(scenario, many) for name, many in project.dependency_groups.items()}
    own = _own(scenario, dialect)
    if groups and not dialect.has(_GROUPS):
        own["dev-dependencies"] = groups
        groups = {}
    document = {"project": table, "dependency-groups": groups, "tool": {"pdm": own}}
    return tomli_w.dumps({key: entry for key, entry in document.items() if entry})


def link_settings(mode: LinkMode, dialect: Dialect) -> str:
    """Return the text of ``pdm.toml`` that makes PDM link or copy files into the venv.

    :raises CapabilityError: if the release does not read the settings, or does not support the link
        mode
    """
    if mode == "copy":
        return tomli_w.dumps({"install": {"cache": False}})
    dialect.demand("install.cache in pdm.toml")
    if mode == "hardlink":
        dialect.demand("install.cache_method hardlink")
    return tomli_w.dumps({"install": {"cache": True, "cache_method": mode}})


def _is_partial(source: Source) -> bool:
    return bool(source.extra or source.group or source.marker)


def _placed(scenario: Scenario, requirements: Iterable[str]) -> list[str]:
    """Return the requirements, each with the path or URL that is its project's source, if any."""
    return [_at_its_place(scenario, text) for text in requirements]


def _at_its_place(scenario: Scenario, text: str) -> str:
    requirement = Requirement(text)
    (source,) = scenario.sources.get(canonicalize_name(requirement.name), (None,))
    if source is None or source.index is not None:
        return text
    url = source.url or f"file:///${{PROJECT_ROOT}}/../{source.path}"
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    marker = f" ; {requirement.marker}" if requirement.marker else ""
    return f"{requirement.name}{extras} @ {url}{marker}"


def is_of_project(dialect: Dialect) -> bool:
    """Return whether this PDM release reads ``exclude-newer`` from the project file."""
    return dialect.capabilities["exclude-newer of a project"].is_in(dialect.release)


def exclude_newer(moment: datetime | str, dialect: Dialect) -> str:
    """Return a time in PDM's format: ``2026-08-01T12:00:00Z``, or an age such as ``168h``.

    :raises CapabilityError: if the release does not support ``--exclude-newer``, or does not
        support this age
    """
    dialect.demand("lock --exclude-newer")
    age = age_of(moment)
    if age is None:
        return written_moment(moment)
    dialect.demand("lock --exclude-newer by an age")
    hours, rest = divmod(age, timedelta(hours=1))
    if rest:
        dialect.demand("exclude-newer by an age that is not a number of hours")
    return f"{hours}h"


def _own(scenario: Scenario, dialect: Dialect) -> dict[str, Any]:
    own: dict[str, Any] = {"distribution": False}
    resolution: dict[str, Any] = {"respect-source-order": True}
    overrides = {
        requirement.name: str(requirement.specifier)
        for requirement in map(Requirement, scenario.project.overrides)
    }
    if overrides and dialect.has(_OVERRIDES):
        resolution["overrides"] = overrides
    elif overrides:
        own["overrides"] = overrides
    cutoff = scenario.project.exclude_newer
    if cutoff is not None and is_of_project(dialect):
        resolution["exclude-newer"] = exclude_newer(cutoff, dialect)
    if scenario.project.prereleases and dialect.has(_PRERELEASES):
        resolution["allow-prereleases"] = True
    elif scenario.project.prereleases:
        own["allow_prereleases"] = True
    own["resolution"] = resolution
    own["source"] = _sources(scenario, dialect)
    return {key: value for key, value in own.items() if value != []}


def _sources(scenario: Scenario, dialect: Dialect) -> list[dict[str, Any]]:
    tables = []
    for name in project_indexes(scenario):
        projects = sorted(
            project for project, many in scenario.sources.items() if many[0].index == name
        )
        is_default = name == scenario.default_index
        is_used = projects or name in scenario.access
        if is_default and is_pypi(scenario.indexes[name].url) and not is_used:
            continue
        # An index named pypi replaces PyPI, which pdm uses by default.
        table: dict[str, Any] = {"name": "pypi" if is_default else index_name(name)}
        table["url"] = written_url(scenario, name)
        # Without this key, pdm refuses an index without TLS.
        table["verify_ssl"] = not scenario.indexes[name].url.startswith("http://")
        if scenario.indexes[name].flat:
            table["type"] = "find_links"
        if projects:
            dialect.demand("sources of single projects")
            table["include_packages"] = projects
        if is_explicit(scenario, name):
            table["exclude_packages"] = ["*"]
        if not is_default:
            dialect.demand("proxy for the indexes of a project")
        tables.append(table)
    return tables


def index_name(name: str) -> str:
    """Return PDM's name for an index, which is ``other`` for an index named ``pypi``.

    All other names are unchanged. PDM reserves the name ``pypi`` for the default index.
    """
    return "other" if name.lower() == "pypi" else name
