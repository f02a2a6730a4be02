"""Rows of the site with the requests of each installer to each server."""

from __future__ import annotations

import pytest

from pytest_indexcache.reports.page.site.server_rows import (
    SITUATIONS,
    AskedCell,
    measured_servers,
)


def test_committed_measurements_are_read() -> None:
    """Each measured server has a row for each installer."""
    measured = measured_servers()
    assert "pypi" in measured.cells
    for server in measured.cells:
        rows = list(measured.rows(server))
        assert [spec.partition("==")[0] for spec, _ in rows] == list(measured.specs)
        assert all(len(cells) == len(SITUATIONS) for _, cells in rows)
    assert list(measured.rows("nowhere")) == []


@pytest.mark.parametrize(
    ("cell", "text", "outcome"),
    [
        (AskedCell({}, 0, "success", "1.17.0"), "nothing", ""),
        (
            AskedCell({"wheel 200": 2, "page 200": 1}, 2048, "success", "1.17.0"),
            "page 200, wheel 200 ×2; 2 KiB",
            "",
        ),
        (AskedCell({"page 404": 1}, 9, "failure", ""), "page 404; 9 B", "refused"),
        (AskedCell({}, 0, "crash", ""), "nothing", "crash"),
        (AskedCell({}, 0, "success", "1.16.0"), "nothing", "installs 1.16.0"),
    ],
)
def test_cell_is_put_into_words(cell: AskedCell, text: str, outcome: str) -> None:
    """A cell lists the requests, those for pages first, and the outcome."""
    assert (cell.text, cell.outcome) == (text, outcome)
