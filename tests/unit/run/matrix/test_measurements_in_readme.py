"""The matrix in the README: it says what the scenarios record."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from pytest_indexcache.scenario.loader import load_scenario
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario_files import catalogue_folder, scenario_files

README = Path(__file__).parents[4] / "README.md"
SCENARIOS = {
    file.relative_to(catalogue_folder()).with_suffix("").as_posix(): load_scenario(file)
    for file in scenario_files(catalogue_folder())
}


def rows() -> list[list[str]]:
    """Return the cells of the table, its heads first."""
    table = README.read_text("utf-8").partition("<!-- matrix -->\n")[2].partition("\n\n")[0]
    return [line.strip("| ").split(" | ") for line in table.splitlines()]


HEADS, _, *ROWS = rows()


def test_every_scenario_has_a_row_and_every_installer_a_column() -> None:
    """Nothing that was measured is kept back."""
    assert HEADS == ["scenario", "pdm", "pip", "poetry", "uv"]
    assert [row[0] for row in ROWS] == sorted(SCENARIOS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_cells_agree_with_the_record(row: list[str]) -> None:
    """What is reproduced is listed as affected, what passed is not; an error says nothing."""
    scenario: Scenario = SCENARIOS[row[0]]
    for installer, cell in zip(HEADS[1:], row[1:], strict=True):
        if cell == "-":
            assert installer not in scenario.measured
            continue
        assert installer in scenario.measured
        affected = scenario.affected.get(installer)
        for run in cell.split("<br>"):
            match = re.fullmatch(r"(reproduced|passed|error) (\S+)(?: - (\S+))?", run)
            assert match is not None, run
            for release in filter(None, match.groups()[1:] if match[1] != "error" else ()):
                is_listed = affected is not None and release in SpecifierSet(affected)
                assert is_listed == (match[1] == "reproduced")
