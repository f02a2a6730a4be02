"""Fixtures for the tests of the reference installer."""

from __future__ import annotations

from pathlib import Path

import pytest

from .workplace import Workplace, make_workplace


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    """Make a workplace with a small PyPI and a PyTorch index that sends no-store."""
    return make_workplace(tmp_path)
