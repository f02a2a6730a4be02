"""The fixture for tests of the finder, the resolver and locks."""

from __future__ import annotations

from pathlib import Path

import pytest

from .world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Return a target with empty indexes and records."""
    return World(tmp_path)
