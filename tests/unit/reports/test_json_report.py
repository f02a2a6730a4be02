"""Results that are written to JSON and read back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_indexcache.errors import ReportError
from pytest_indexcache.reports.json_report import json_report, read_json_report
from pytest_indexcache.run.plays.results import Change, PlayResult


def test_what_was_written_is_read_back(
    failed: PlayResult, hostile: PlayResult, tmp_path: Path
) -> None:
    """A report that is read back contains all results, and their changes against the baseline."""
    results = [replace(failed, change=Change.WORSE, known="passed"), hostile]
    file = tmp_path / "report.json"
    file.write_text(json_report(results), encoding="utf-8")
    assert read_json_report(file) == results
    report = json.loads(file.read_text(encoding="utf-8"))
    assert report["format"] == 1
    assert [play["verdict"] for play in report["plays"]] == ["failed", "failed"]


def test_report_of_nothing_is_a_report(tmp_path: Path) -> None:
    """The report of a run without plays contains an empty list of results."""
    file = tmp_path / "report.json"
    file.write_text(json_report([]), encoding="utf-8")
    assert read_json_report(file) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "it cannot be read as JSON: "),
        ("[]", "it is not a report"),
        ('{"format": 1}', "it is not a report"),
        ('{"format": 2, "plays": []}', "its format is 2, this release reads 1"),
        ('{"plays": []}', "its format is None"),
        ('{"format": 1, "plays": [{}]}', "a play in it cannot be read: KeyError"),
        ('{"format": 1, "plays": [1]}', "a play in it cannot be read: TypeError"),
    ],
)
def test_what_is_no_report_is_told(text: str, message: str, tmp_path: Path) -> None:
    """The error for an invalid report names the file and the fault."""
    file = tmp_path / "report.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ReportError) as caught:
        read_json_report(file)
    assert str(caught.value).startswith(f"{file}: {message}")


def test_a_report_that_is_not_there_is_told(tmp_path: Path) -> None:
    """The error for a missing report gives the reason."""
    with pytest.raises(ReportError, match="it cannot be read: No such file"):
        read_json_report(tmp_path / "none.json")
    (tmp_path / "latin.json").write_bytes(b'"\xe9"')
    with pytest.raises(ReportError, match="it cannot be read as JSON"):
        read_json_report(tmp_path / "latin.json")
