"""Results as JSON, for programs; they can be read back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pytest_indexcache.data_formats import loads_json
from pytest_indexcache.errors import ReportError
from pytest_indexcache.run.plays.results import PlayResult

FORMAT: Final = 1
"""Raised when a reader of the older format would not understand the newer."""


def json_report(results: Sequence[PlayResult]) -> str:
    """Return ``{"format": 1, "plays": [...]}``; a play is a line, as ``PlayResult.to_json``."""
    plays = ",\n".join(json.dumps(result.to_json()) for result in results)
    return f'{{"format": {FORMAT}, "plays": [\n{plays}\n]}}\n'


def read_json_report(file: Path) -> list[PlayResult]:
    """Read what :func:`json_report` made.

    :raises ReportError: if it cannot be read, or is none, or has a format of later days
    """
    try:
        report = loads_json(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ReportError(file, f"it cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ReportError(file, f"it cannot be read as JSON: {error}") from error
    if not isinstance(report, dict) or not isinstance(report.get("plays"), list):
        raise ReportError(file, "it is no report", "write one: --indexcache-report FILE.json")
    if report.get("format") != FORMAT:
        problem = f"its format is {report.get('format')!r}, this release reads {FORMAT}"
        raise ReportError(file, problem, "update pytest-indexcache")
    try:
        return [PlayResult.from_json(play) for play in report["plays"]]
    except (KeyError, TypeError, ValueError) as error:
        raise ReportError(file, f"a play in it cannot be read: {error!r}") from error
