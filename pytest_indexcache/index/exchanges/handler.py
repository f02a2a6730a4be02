"""Interfaces that both transports use: one for handling requests, one for recording exchanges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from pytest_indexcache.messages import Exchange, HostPort, Request, Response

Record = Callable[[Exchange], None]
"""A function that is called once for each exchange, when the exchange ends."""

Clock = Callable[[], float]
"""A function that returns the time in seconds since the epoch."""

LARGEST_REQUEST_BODY: Final = 1 << 20
"""The maximum size of a request body in bytes; any further bytes are read and discarded."""


class Handler(Protocol):
    """Answers requests to its origins.

    Each response depends only on the request, the time and the state of the handler. The methods
    are called from many threads at once.
    """

    @property
    def origins(self) -> frozenset[HostPort]:
        """All hosts and ports that are served."""

    def handle(self, request: Request, now: float) -> Response:
        """Answer a request to one of the origins; ``now`` is in seconds since the epoch."""

    def is_reachable(self, host: str) -> bool:
        """Return whether a host accepts connections: false while all indexes on it are down."""
