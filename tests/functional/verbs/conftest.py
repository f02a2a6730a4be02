"""Fixtures: the transports for the plays of this folder."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from pytest_indexcache.index.wire.gateway import Gateway
from pytest_indexcache.run.plays.transports import Transport, in_process, on_the_wire


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    """Open one gateway for all plays."""
    with Gateway(clock=time.time) as opened:
        yield opened


@pytest.fixture(params=["inprocess", "wire"])
def connect(request: pytest.FixtureRequest, gateway: Gateway) -> Transport:
    """Return each of the two transports."""
    return (
        in_process(time.time) if request.param == "inprocess" else on_the_wire(gateway, time.time)
    )
