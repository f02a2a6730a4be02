"""The page on installers: its table is what the adapters say."""

from __future__ import annotations

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[4] / "docs"


def test_table_is_current() -> None:
    """What each installer lacks, and since when it has the rest, is asked of its adapter."""
    script = runpy.run_path(str(DOCS / "installer_tables.py"))
    page = (DOCS / "installers.md").read_text("utf-8")
    assert script["with_table"](page) == page, "run python docs/installer_tables.py"
