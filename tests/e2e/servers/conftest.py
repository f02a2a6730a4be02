"""The folder of the venvs that real servers are installed in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def venvs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the venvs that the servers are installed in."""
    kept = os.environ.get("INDEXCACHE_SERVER_VENVS")
    return Path(kept) if kept else tmp_path_factory.mktemp("servers")
