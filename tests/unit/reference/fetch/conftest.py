"""Fixtures for tests of downloads."""

from __future__ import annotations

from pathlib import Path

import pytest

from .runs import DATA, Index, Setup, remote


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    """Make an index that has one wheel."""
    return Setup(tmp_path, Index({remote().url: DATA}))
