"""What every test of finding, resolving and locking starts from."""

from __future__ import annotations

from pathlib import Path

import pytest

from .world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Give an empty world."""
    return World(tmp_path)
