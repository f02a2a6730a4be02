"""The cells of an earlier build of the site, needed to find the changes for the feed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pytest_indexcache.data_formats import loads_json
from pytest_indexcache.errors import ReportError

KIND: Final = "pytest-indexcache site"
FORMAT: Final = 1
INDEX: Final = "index.json"

_HINT: Final = "name the index.json of a folder that indexcache site wrote"


@dataclass(frozen=True)
class EarlierCell:
    """A cell of an earlier build: its behaviour, the day it began, and the previous behaviour."""

    behaviour: str
    since: str
    was: str


@dataclass(frozen=True)
class EarlierSite:
    """The cells of an earlier build, by the name of the scenario and the installer."""

    cells: Mapping[tuple[str, str], EarlierCell] = field(default_factory=dict)


def read_earlier(file: Path) -> EarlierSite:
    """Read the ``index.json`` of an earlier build.

    :raises ReportError: if the file cannot be read, or was not written by a build
    """
    try:
        data = loads_json(file.read_bytes())
    except OSError as error:
        raise ReportError(file, f"it cannot be read: {error.strerror or error}", _HINT) from error
    except ValueError as error:
        raise ReportError(file, f"it cannot be read as JSON: {error}", _HINT) from error
    if not isinstance(data, dict) or data.get("kind") != KIND:
        raise ReportError(file, "it is not the index of a site", _HINT)
    if data.get("format") != FORMAT:
        problem = f"another version of this package wrote it: format {data.get('format')!r}"
        raise ReportError(file, problem, "name another folder, and build the site there")
    try:
        return EarlierSite(_cells(data))
    except (KeyError, TypeError, AttributeError) as error:
        raise ReportError(file, f"it is damaged: {error!r}", "build the site anew") from error


def _cells(data: dict[str, Any]) -> dict[tuple[str, str], EarlierCell]:
    return {
        (str(scenario["name"]), str(cell["installer"])): EarlierCell(
            str(cell["behaviour"]), str(cell["since"]), str(cell["was"])
        )
        for scenario in data["scenarios"]
        for cell in scenario["cells"]
    }
