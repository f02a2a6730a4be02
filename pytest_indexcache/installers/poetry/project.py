"""Write a scenario's project in Poetry's dialect.

Releases from 2.0 on use the ``[project]`` table; earlier ones use only ``[tool.poetry]``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
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
from pytest_indexcache.scenario.tables.project import Source

PROJECT_TABLE: Final = "2.0.0"
"""The first release that reads ``[project]`` and supports conflicting extras."""


def poetry_project(scenario: Scenario, dialect: Dialect) -> str:
    """Return the text of the project file for a release of Poetry.

    :raises CapabilityError: if the release does not support something in the project
    """
    project = scenario.project
    for what, value in (
        ("overrides of what others require", project.overrides),
        ("constraints", project.constraints),
        ("environments of a project", project.environments),
        ("required-environments of a project", project.required_environments),
        ("override of an index's cache-control", scenario.cache_control),
    ):
        if value:
            dialect.demand(what)
    writer = _Writer(scenario, dialect)
    document = writer.standard() if dialect.has(PROJECT_TABLE) else writer.classic()
    return tomli_w.dumps(document)


def index_name(scenario: Scenario, index: str) -> str:
    """Return Poetry's name for an index, which is ``PyPI`` for pypi.org.

    Another index named ``pypi`` is called ``default``. All other names are unchanged.
    """
    if is_pypi(scenario.indexes[index].url):
        return "PyPI"
    return "default" if index.lower() == "pypi" else index


class _Writer:
    """Writes the file for one project, with or without a ``[project]`` table."""

    def __init__(self, scenario: Scenario, dialect: Dialect) -> None:
        self._scenario = scenario
        self._dialect = dialect

    def standard(self) -> dict[str, Any]:
        """Return the document with a ``[project]`` table; the rest is in ``[tool.poetry]``."""
        project = self._scenario.project
        table: dict[str, Any] = {"name": project.name, "version": project.version}
        if project.requires_python:
            table["requires-python"] = project.requires_python
        table["dependencies"] = list(project.dependencies)
        if project.optional_dependencies:
            extras = project.optional_dependencies.items()
            table["optional-dependencies"] = {name: list(many) for name, many in extras}
        required = _names(project.dependencies, *project.optional_dependencies.values())
        self._demand_exclusive()
        places = {name: self._exclusive(name) or self._places(name) for name in required}
        own = {"dependencies": {name: place for name, place in places.items() if place}}
        return {"project": table, "tool": {"poetry": self._own(own)}}

    def classic(self) -> dict[str, Any]:
        """Return the document with everything in ``[tool.poetry]``, for releases before 2.0."""
        project = self._scenario.project
        if project.conflicts:
            self._dialect.demand("extras that exclude each other")
        dependencies: dict[str, Any] = {"python": project.requires_python or "*"}
        for text in project.dependencies:
            self._add(dependencies, text)
        for many in project.optional_dependencies.values():
            for text in many:
                self._add(dependencies, text, optional=True)
        own: dict[str, Any] = {
            "name": project.name,
            "version": project.version,
            "description": "",
            "authors": [],
            "dependencies": dependencies,
        }
        if project.optional_dependencies:
            extras = project.optional_dependencies.items()
            own["extras"] = {name: _names(many) for name, many in extras}
        return {"tool": {"poetry": self._own(own)}}

    def _own(self, own: dict[str, Any]) -> dict[str, Any]:
        """Return the ``[tool.poetry]`` table ``own``, with dependency groups and sources added."""
        own = {"package-mode": False, **{key: value for key, value in own.items() if value != {}}}
        groups = {}
        for group, many in self._scenario.project.dependency_groups.items():
            dependencies: dict[str, Any] = {}
            for text in many:
                self._add(dependencies, text, group=group)
            groups[group] = {"optional": True, "dependencies": dependencies}
        if groups:
            own["group"] = groups
        sources = self._sources()
        return {**own, "source": sources} if sources else own

    def _add(
        self,
        dependencies: dict[str, Any],
        text: str,
        *,
        optional: bool = False,
        group: str | None = None,
    ) -> None:
        requirement = Requirement(text)
        name = canonicalize_name(requirement.name)
        if name in dependencies:
            self._dialect.demand("several requirements on one project")
        table: dict[str, Any] = {"url": requirement.url} if requirement.url else {}
        if not table:
            table["version"] = str(requirement.specifier) or "*"
        if requirement.extras:
            table["extras"] = sorted(requirement.extras)
        if requirement.marker:
            table["markers"] = str(requirement.marker)
        place = self._places(name, group)
        if isinstance(place, list):
            place = [{**table, **key} for key in place]
            dependencies[name] = place
            return
        if place and ("path" in place or "url" in place):
            table.pop("version", None)
        table |= place
        table |= {"optional": True} if optional else {}
        dependencies[name] = table["version"] if set(table) == {"version"} else table

    def _places(self, name: str, group: str | None = None) -> dict[str, Any] | list[dict[str, Any]]:
        """Return the dependency keys for a project's source, or no keys if it has no source.

        If there are several sources, the result is a list with the keys for each.
        """
        many = [
            source
            for source in self._scenario.sources.get(name, ())
            if source.group is None or source.group == group
        ]
        tables = [self._place(source) for source in many]
        return tables[0] if len(tables) == 1 else tables or {}

    def _place(self, source: Source) -> dict[str, Any]:
        table: dict[str, Any] = {}
        if source.index is not None:
            table["source"] = index_name(self._scenario, source.index)
        elif source.path is not None:
            table["path"] = f"../{source.path}"
            table |= {"develop": True} if source.editable else {}
        elif source.url is not None:
            table["url"] = source.url
        markers = [*self._extra_markers(source.extra), *([source.marker] if source.marker else [])]
        if markers:
            table["markers"] = " and ".join(markers)
        return table

    def _demand_exclusive(self) -> None:
        """Raise CapabilityError for conflicting extras or groups that Poetry cannot express.

        Poetry only supports conflicts between extras that require different releases of a project
        that they have in common.
        """
        project = self._scenario.project
        extras = project.optional_dependencies
        for names in project.conflicts:
            if any(name.startswith("group:") for name in names):
                self._dialect.demand("groups that exclude each other")
            for one, other in combinations(names, 2):
                if not set(_names(extras[one])) & set(_names(extras[other])):
                    self._dialect.demand(
                        "extras that exclude each other without a project in common"
                    )

    def _exclusive(self, name: str) -> list[dict[str, Any]]:
        """Return the dependency entries for a project that conflicting extras require.

        Each extra gets its own entry; otherwise, Poetry would look for one version that suits them
        all.
        """
        project = self._scenario.project
        place = self._places(name)
        if isinstance(place, list):
            return place
        conflicting = {extra for names in project.conflicts for extra in names}
        tables = []
        for extra, texts in project.optional_dependencies.items():
            for requirement in map(Requirement, texts if extra in conflicting else ()):
                if canonicalize_name(requirement.name) == name and not requirement.url:
                    own = [f"({requirement.marker})"] if requirement.marker else []
                    markers = " and ".join([*self._extra_markers(extra), *own])
                    version = str(requirement.specifier) or "*"
                    tables.append({"version": version, **place, "markers": markers})
        return tables

    def _extra_markers(self, extra: str | None) -> list[str]:
        if extra is None:
            return []
        self._dialect.demand("sources for one extra")
        others = {
            name for names in self._scenario.project.conflicts if extra in names for name in names
        }
        return [
            f"extra == '{extra}'",
            *(f"extra != '{other}'" for other in sorted(others - {extra})),
        ]

    def _sources(self) -> list[dict[str, str]]:
        scenario, tables = self._scenario, []
        for name in project_indexes(scenario):
            index = scenario.indexes[name]
            if index.flat and not index.url.endswith((".html", ".htm")):
                self._dialect.demand("flat indexes that are not an .html page")
            priority = "explicit" if is_explicit(scenario, name) else "primary"
            url = written_url(scenario, name, with_login=False)
            table = {"name": index_name(scenario, name), "url": url, "priority": priority}
            # PyPI has no URL here, and is used by default unless another index is primary.
            if is_pypi(index.url):
                del table["url"]
            tables.append(table)
        if not any(table["priority"] == "primary" and "url" in table for table in tables):
            tables = [table for table in tables if "url" in table]
        return tables


def _names(*lists: Iterable[str]) -> list[str]:
    names = (canonicalize_name(Requirement(text).name) for many in lists for text in many)
    return list(dict.fromkeys(names))


def credentials(scenario: Scenario) -> Mapping[str, str]:
    """Return the environment variables with the credentials of each index's first user."""
    found = {}
    for name in scenario.indexes:
        access, login = scenario.access.get(name), scenario.login_of(name)
        if login is not None and not (access is not None and access.netrc):
            user, password = login
            key = index_name(scenario, name).upper().replace("-", "_").replace(".", "_")
            found[f"POETRY_HTTP_BASIC_{key}_USERNAME"] = user
            found[f"POETRY_HTTP_BASIC_{key}_PASSWORD"] = password
    return found
