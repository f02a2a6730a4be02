"""Write a scenario's project in the reference installer's dialect."""

from __future__ import annotations

from typing import Any

import tomli_w

from pytest_indexcache.installers.commands.indexes.project_indexes import (
    project_indexes,
    written_url,
)
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.fields import written_moment
from pytest_indexcache.scenario.tables.project import Source


def project_file(scenario: Scenario, depth: int = 1) -> str:
    """Return the text of the project file for a scenario.

    ``depth`` is the number of levels between the workspace and the project's folder. It is needed
    because paths in a scenario are relative to the workspace.
    """
    project = scenario.project
    table: dict[str, Any] = {
        "name": project.name,
        "version": project.version,
        "requires-python": project.requires_python,
        "dependencies": list(project.dependencies),
        "optional-dependencies": _lists(project.optional_dependencies),
    }
    named = scenario.indexes if project.indexes is None else project_indexes(scenario)
    cutoff = project.exclude_newer
    own = {
        "exclude-newer": None if cutoff is None else written_moment(cutoff),
        "prereleases": project.prereleases,
        "resolution": project.resolution,
        "overrides": list(project.overrides),
        "constraints": list(project.constraints),
        "conflicts": [list(names) for names in project.conflicts],
        "indexes": [_index(scenario, name) for name in named],
        "sources": {
            name: [_source(source, depth) for source in many]
            for name, many in scenario.sources.items()
        },
    }
    document = {
        "project": {key: value for key, value in table.items() if value or key == "dependencies"},
        "dependency-groups": _lists(project.dependency_groups),
        "tool": {"indexcache": {key: value for key, value in own.items() if value}},
    }
    return tomli_w.dumps({key: value for key, value in document.items() if value})


def _lists(tables: Any) -> dict[str, list[str]]:
    return {name: list(requirements) for name, requirements in tables.items()}


def _index(scenario: Scenario, name: str) -> dict[str, Any]:
    index = scenario.indexes[name]
    table: dict[str, Any] = {"name": name, "url": written_url(scenario, name)}
    if name == scenario.default_index:
        table["default"] = True
    elif name in scenario.explicit_indexes:
        table["explicit"] = True
    if index.flat:
        table["flat"] = True
    override = scenario.cache_control.get(name)
    if override is not None:
        table["cache-control"] = override.model_dump(exclude_none=True)
    return table


def _source(source: Source, depth: int) -> dict[str, Any]:
    table = source.model_dump(exclude_defaults=True, exclude={"explicit"})
    if source.path is not None:
        table["path"] = "../" * depth + source.path
    return table
