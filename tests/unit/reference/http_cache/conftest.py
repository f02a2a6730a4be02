"""Fixtures: an empty HTTP cache in front of a server in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.reference.http_cache.caching import HttpCache

from .setting import Server, Setting


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    """Make an empty cache in front of a server."""
    server = Server()
    return Setting(HttpCache(tmp_path, clock=lambda: server.now), server)


@pytest.fixture
def strict(tmp_path: Path) -> Setting:
    """Make a cache that serves a stale response only if stale-if-error permits it."""
    server = Server()
    cache = HttpCache(tmp_path, clock=lambda: server.now, serves_stale=False)
    return Setting(cache, server)
