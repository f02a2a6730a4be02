"""A gateway to a small index, and a connection to it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from pytest_indexcache.index.wire.gateway import Gateway, serve
from pytest_indexcache.messages import Exchange

from .small_index import SmallIndex
from .wire_client import WireClient


@pytest.fixture
def index() -> SmallIndex:
    """Return a handler for two hosts."""
    return SmallIndex()


@pytest.fixture
def ledger() -> list[Exchange]:
    """Return the recorded exchanges."""
    return []


@pytest.fixture
def gateway(index: SmallIndex, ledger: list[Exchange]) -> Iterator[Gateway]:
    """Return a running gateway to the index."""
    with serve(index, record=ledger.append, clock=time.time) as gateway:
        yield gateway


@pytest.fixture
def client(gateway: Gateway) -> Iterator[WireClient]:
    """Return a connection to the gateway."""
    with WireClient(gateway) as client:
        yield client
