"""Fixtures for tests with real installers: a gateway, server venvs, and the machine's index."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_indexcache.index.wire.gateway import Gateway


@pytest.fixture(scope="session")
def playing_gateway() -> Iterator[Gateway]:
    """Open one gateway for all plays."""
    with Gateway(clock=time.time) as opened:
        yield opened


@pytest.fixture(scope="session")
def venvs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the servers' venvs."""
    kept = os.environ.get("INDEXCACHE_SERVER_VENVS")
    return Path(kept) if kept else tmp_path_factory.mktemp("servers")


@pytest.fixture(scope="session")
def reachable_index() -> str:
    """Return the URL of pip's default index on this machine; skip the test if it is unreachable."""
    import httpx

    url = os.environ.get("PIP_INDEX_URL") or "https://pypi.org/simple"
    try:
        status = httpx.head(f"{url.rstrip('/')}/idna/", timeout=10).status_code
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        pytest.skip(f"{url} cannot be reached: {error}")
    if status >= 500:
        pytest.skip(f"{url} answers with {status}")
    return url
