"""The pages that list the catalogue, compared with its scenarios."""

from __future__ import annotations

import runpy
from pathlib import Path
from statistics import median

import pytest

from pytest_indexcache.scenario.loader import loads

ROOT = Path(__file__).parents[2]
SCRIPT = runpy.run_path(str(ROOT / "docs" / "catalogue_tables.py"))


def test_pages_are_current() -> None:
    """The generated pages list each scenario with its current name and measurement."""
    for page, text in SCRIPT["pages"]().items():
        assert page.read_text("utf-8") == text, "run python docs/catalogue_tables.py"


def test_every_folder_has_a_subject() -> None:
    """Each folder of the catalogue has a line that describes its subject."""
    folders = {path.name for path in (ROOT / "scenarios").iterdir() if path.is_dir()}
    assert folders <= set(SCRIPT["SUBJECTS"])


def test_scenarios_are_short() -> None:
    """At least half of the scenarios of the catalogue have at most 35 lines."""
    files = (ROOT / "scenarios").glob("*/*.toml")
    assert median(len(file.read_text("utf-8").splitlines()) for file in files) <= 35


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        ("", "-"),
        ('measured = { uv = "0.1.3 - 0.13.9, 13; today" }', "passed<br>0.1.3 - 0.13.9, 13"),
        (
            'measured = { uv = "0.8.1; today" }\naffected = { uv = "<=0.8" }\n'
            'fixed-by = { uv = "https://example.org/1" }',
            "reproduced `<=0.8`<br>[fixed by](https://example.org/1)<br>0.8.1",
        ),
    ],
)
def test_cell_says_what_the_scenario_records(tables: str, expected: str) -> None:
    """A table cell names the affected releases, the fix, and the number of played releases."""
    step = '[[steps]]\ndo = "install"\nrequirements = ["six"]\nexpect = { exit = "failure" }\n'
    text = f'title = "t"\n{tables}\n{step}'
    assert SCRIPT["cell"](loads(text), "uv") == expected
