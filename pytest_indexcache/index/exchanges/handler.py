"""The interfaces behind both transports: a handler of requests, and a recording function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from pytest_indexcache.messages import Exchange, HostPort, Request, Response

Record = Callable[[Exchange], None]
"""A function that is called with each exchange, once, when the exchange ends."""

Clock = Callable[[], float]
"""A function that returns the seconds since the epoch."""

LARGEST_REQUEST_BODY: Final = 1 << 20
"""The maximum length of a request's body in bytes; further bytes are read and dropped."""


class Handler(Protocol):
    """Answers requests for its origins; the answers depend only on request, time and state.

    Its methods are called from many threads at once.
    """

    @property
    def origins(self) -> frozenset[HostPort]:
        """Every host and port that is served."""

    def handle(self, request: Request, now: float) -> Response:
        """Answer a request for one of the origins; ``now`` is in seconds since the epoch."""

    def is_reachable(self, host: str) -> bool:
        """Return whether a host accepts connections: false while every index on it is down."""
