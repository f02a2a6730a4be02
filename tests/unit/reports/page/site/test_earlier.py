"""Cells read from an earlier build of the site."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_indexcache.errors import ReportError
from pytest_indexcache.reports.page.site import SiteContent, read_earlier, site_files

from .scenarios import scenario


def test_cells_are_read_back(tmp_path: Path) -> None:
    """A cell that one build wrote is read unchanged by the next build."""
    one = scenario(measured={"uv": "0.9; 2026-11-30"}, affected={"uv": ">=0.9"})
    file = tmp_path / "index.json"
    file.write_bytes(dict(site_files(SiteContent((one,), "1")))["index.json"])
    (cell,) = read_earlier(file).cells.items()
    assert cell[0] == ("scenarios/pages/a.toml", "uv")
    assert (cell[1].behaviour, cell[1].since) == ("reproduced; >=0.9", "2026-11-30")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "it cannot be read: No such file"),
        ("{", "it cannot be read as JSON"),
        ("[]", "it is not the index of a site"),
        ('{"kind": "pytest-indexcache site", "format": 9}', "format 9"),
        ('{"kind": "pytest-indexcache site", "format": 1, "scenarios": [3]}', "it is damaged"),
        ('{"kind": "pytest-indexcache site", "format": 1}', "it is damaged"),
    ],
)
def test_other_file_is_refused(tmp_path: Path, text: str | None, message: str) -> None:
    """The error for a file that no build wrote says which file to give instead."""
    file = tmp_path / "index.json"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(ReportError, match=re.escape(message)) as raised:
        read_earlier(file)
    assert raised.value.hint
