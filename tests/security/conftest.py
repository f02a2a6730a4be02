"""What tests of single commands have in common: a workspace, and a home folder outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from .contained_commands import SECRET, Grounds


@pytest.fixture
def grounds(tmp_path: Path) -> Grounds:
    """Return a workspace and a home folder outside."""
    grounds = Grounds(tmp_path / "workspace", tmp_path / "home")
    for folder in (grounds.workspace, grounds.home):
        folder.mkdir()
    grounds.canary.write_text(SECRET)
    return grounds
