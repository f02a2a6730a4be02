"""Write results as JSON for other programs, and read these files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pytest_indexcache.errors import ReportError
from pytest_indexcache.run.plays.results import PlayResult
from pytest_indexcache.system.report_files import read_report

FORMAT: Final = 1
"""The version of the format; it increases when older releases cannot read the new files."""


def json_report(results: Sequence[PlayResult]) -> str:
    """Return ``{"format": 1, "plays": [...]}`` with one line for each play."""
    plays = ",\n".join(json.dumps(result.to_json()) for result in results)
    return f'{{"format": {FORMAT}, "plays": [\n{plays}\n]}}\n'


def read_json_report(file: Path) -> list[PlayResult]:
    """Read the results from a file written by :func:`json_report`.

    :raises ReportError: if the file cannot be read, is not a report, or has another format version
    """
    report = read_report(file)
    if not isinstance(report, dict) or not isinstance(report.get("plays"), list):
        raise ReportError(file, "it is not a report", "make one with --indexcache-report FILE.json")
    if report.get("format") != FORMAT:
        problem = f"its format is {report.get('format')!r}, this release reads {FORMAT}"
        raise ReportError(file, problem, "update pytest-indexcache")
    try:
        return [PlayResult.from_json(play) for play in report["plays"]]
    except (KeyError, TypeError, ValueError) as error:
        raise ReportError(file, f"a play in it cannot be read: {error!r}") from error
