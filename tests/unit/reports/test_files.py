"""Reports in files."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.errors import ReportError
from pytest_indexcache.reports.files import checked_report, write_report
from pytest_indexcache.reports.json_report import read_json_report
from pytest_indexcache.run.plays.results import PlayResult


@pytest.mark.parametrize(
    ("suffix", "start"), [(".html", "<!doctype html>"), (".md", "## Index"), (".json", '{"format"')]
)
def test_suffix_says_which_report(
    suffix: str, start: str, failed: PlayResult, tmp_path: Path
) -> None:
    """The suffix of the path selects the report format, and a missing folder is created."""
    file = tmp_path / "new" / f"report{suffix}"
    write_report(file, [failed])
    assert file.read_text(encoding="utf-8").startswith(start)
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("report.htm", "there are no reports of the kind '.htm'\n  hint: did you mean .html?"),
        ("report", "there are no reports of the kind ''\n  hint: the kinds are: .html, .md, .json"),
        ("", "there are no reports of the kind"),
    ],
)
def test_other_kinds_are_refused(name: str, message: str, tmp_path: Path) -> None:
    """An unknown suffix of a report is an error before anything is played."""
    with pytest.raises(ReportError) as caught:
        checked_report(tmp_path / name)
    assert str(caught.value).startswith(f"{tmp_path / name}: {message}")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    """A folder is refused as the path of a report, whatever its suffix is."""
    (tmp_path / "report.html").mkdir()
    with pytest.raises(ReportError, match="this is a folder"):
        checked_report(tmp_path / "report.html")


def test_what_cannot_be_written_leaves_the_earlier_report(
    failed: PlayResult, tmp_path: Path
) -> None:
    """If a report cannot be written, the error gives the reason, and the old report is kept."""
    file = tmp_path / "report.json"
    write_report(file, [failed])
    broken = tmp_path / "report.json" / "report.json"
    with pytest.raises(ReportError, match="it cannot be written: Not a directory"):
        write_report(broken, [])
    assert read_json_report(file) == [failed]
