"""The gateway at which tests with real installers play."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from pytest_indexcache.index.wire.gateway import Gateway


@pytest.fixture(scope="session")
def playing_gateway() -> Iterator[Gateway]:
    """Open one gateway for all plays."""
    with Gateway(clock=time.time) as opened:
        yield opened
