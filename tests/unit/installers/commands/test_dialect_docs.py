"""The documentation page about installers, compared with the adapters."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Final

import pytest
from packaging.version import Version

from pytest_indexcache.errors import CapabilityError
from pytest_indexcache.installers.commands.dialect import Dialect
from pytest_indexcache.installers.pdm.dialect import PdmDialect
from pytest_indexcache.installers.pip.dialect import PipDialect
from pytest_indexcache.installers.poetry.dialect import PoetryDialect
from pytest_indexcache.installers.uv.dialect import UvDialect
from pytest_indexcache.scenario.loader import load_scenario, loads
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario_files import catalogue_folder, scenario_files

DOCS = Path(__file__).parents[4] / "docs"


def test_table_is_current() -> None:
    """The table in the documentation lists the current capabilities of each adapter."""
    script = runpy.run_path(str(DOCS / "installer_tables.py"))
    page = (DOCS / "installers.md").read_text("utf-8")
    assert script["with_table"](page) == page, "run python docs/installer_tables.py"


MOST_SKIPPED: Final = {
    UvDialect(Version("0.13.9")): 0.05,
    PipDialect(Version("26.3")): 0.3,
    PoetryDialect(Version("2.5.1")): 0.38,
    PdmDialect(Version("2.29.3")): 0.38,
}
"""The highest share of the catalogue that a recent release may skip."""


def lack(dialect: Dialect, scenario: Scenario) -> str | None:
    """Return the capability that a release lacks for a scenario, or None."""
    try:
        dialect.check(scenario)
    except CapabilityError as error:
        return error.problem
    return None


@pytest.mark.parametrize("dialect", MOST_SKIPPED, ids=lambda it: it.name)
def test_example_for_operators_is_played_by_every_installer(dialect: Dialect) -> None:
    """Every installer can play the example scenario for index operators."""
    page = (DOCS / "ci.md").read_text("utf-8")
    [text] = re.findall(r'```toml\n(title = "A wheel from our index[\s\S]*?)```', page)
    assert lack(dialect, loads(text)) is None


@pytest.mark.parametrize(
    ("dialect", "share"), MOST_SKIPPED.items(), ids=lambda it: getattr(it, "name", None)
)
def test_few_scenarios_of_the_catalogue_are_skipped(dialect: Dialect, share: float) -> None:
    """Each installer can play at least 60 % of the catalogue, not counting verbatim reports."""
    files = [file for file in scenario_files(catalogue_folder()) if "verbatim" not in file.name]
    reasons = [lack(dialect, load_scenario(file)) for file in files]
    assert sum(reason is not None for reason in reasons) <= share * len(files)
