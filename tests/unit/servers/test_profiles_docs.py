"""The documentation page about servers."""

from __future__ import annotations

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[3] / "docs"


def test_page_is_current() -> None:
    """The page about servers is up to date with the profiles."""
    script = runpy.run_path(str(DOCS / "server_tables.py"))
    text = (DOCS / "servers.md").read_text("utf-8")
    assert script["page"]() == text, "run python docs/server_tables.py"
