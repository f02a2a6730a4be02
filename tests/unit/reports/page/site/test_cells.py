"""Cells of the site, made from committed measurements and from plays."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_indexcache.reports.page.site.cells import in_columns

from ...plays import FAILED, PASSED, SKIPPED, play
from .scenarios import scenario


@pytest.mark.parametrize(
    ("measured", "oldest", "newest", "releases", "day"),
    [
        ("0.4.23 - 0.13.9, 15 releases; 2026-11-30", "0.4.23", "0.13.9", 15, "2026-11-30"),
        ("0.1 - 0.2, 2 releases; 2026-11-29 to 2026-11-30", "0.1", "0.2", 2, "2026-11-30"),
        ("2.5.1; 2026-11-30", "2.5.1", "2.5.1", 1, "2026-11-30"),
        ("26.3", "26.3", "26.3", 1, ""),
        ("0.1 - 0.2, 2 releases; 2026-11-30; in Docker", "0.1", "0.2", 2, "2026-11-30"),
        ("played by hand", "played", "played", 1, ""),
    ],
)
def test_measurement_is_read(
    measured: str, oldest: str, newest: str, releases: int, day: str
) -> None:
    """A cell shows the releases, their number, and the latest day from the scenario's record."""
    cell = scenario(measured={"uv": measured}).cells["uv"]
    assert (cell.oldest, cell.newest, cell.releases, cell.day) == (oldest, newest, releases, day)


@pytest.mark.parametrize(
    ("table", "state", "summary"),
    [
        ({}, "passed", "passed"),
        ({"affected": {"uv": "<=0.2"}}, "passed", "passed, reproduced by <=0.2"),
        ({"affected": {"uv": ">=0.2"}}, "reproduced", "reproduced, reproduced by >=0.2"),
        ({"sometimes": {"uv": ">=0.2"}}, "sometimes", "sometimes, sometimes by >=0.2"),
    ],
)
def test_state_is_that_of_the_newest_release(
    table: dict[str, Any], state: str, summary: str
) -> None:
    """The state of a cell is that of the newest release, whatever ``[affected]`` lists."""
    cell = scenario(measured={"uv": "0.1 - 0.9, 5 releases; 2026-11-30"}, **table).cells["uv"]
    assert (cell.state, cell.summary) == (state, summary)


def test_plays_make_a_cell_where_nothing_is_committed() -> None:
    """Without a committed measurement, plays fill a cell; a skipped play does not."""
    plays = [
        play("a", "uv==0.8", FAILED),
        play("a", "pip==26.2", PASSED),
        play("a", "pip==26.10", FAILED),
        play("a", "pdm==2.0", SKIPPED),
    ]
    cells = scenario("pages/a", *plays, measured={"uv": "0.9; 2026-11-30"}).cells
    assert list(cells) == ["uv", "pip"]
    assert cells["uv"].newest == "0.9"
    assert (cells["pip"].state, cells["pip"].span) == ("failed", "26.2 - 26.10, 2 releases")


def test_releases_that_are_known_to_be_played() -> None:
    """The played releases are both ends of a committed measurement, and every release in plays."""
    one = scenario(
        "pages/a",
        play("a", "uv==0.5", FAILED),
        measured={"uv": "0.1 - 0.9, 7 releases; 2026-11-30"},
        affected={"uv": "<=0.5"},
    )
    assert one.states() == {
        ("uv", "0.1"): "reproduced",
        ("uv", "0.9"): "passed",
        ("uv", "0.5"): "reproduced",
    }


def test_servers_are_those_of_the_indexes() -> None:
    """The server of an index comes from its ``server`` key, or is the known server of its host."""
    indexes = {
        "a": {"url": "https://pypi.org/simple"},
        "b": {"url": "https://b.example/simple", "server": "devpi"},
    }
    assert scenario(indexes=indexes).servers == ("devpi", "pypi")


def test_columns_have_an_order() -> None:
    """Columns of known installers come before columns of other installers."""
    assert in_columns(["zed", "nab", "uv", "abc"]) == ["uv", "nab", "abc", "zed"]
