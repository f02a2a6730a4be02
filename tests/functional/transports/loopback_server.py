"""A real server on loopback: a handler at its own origin, without a proxy or TLS."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pytest_indexcache.index.exchanges.handler import Handler
from pytest_indexcache.index.wire.gateway import serve
from pytest_indexcache.messages import Exchange, HostPort, Request, Response


@dataclass
class _AtOrigin:
    """A handler at an origin that is known only after the server has started."""

    origins: frozenset[HostPort] = frozenset()
    handler: Handler | None = None

    def handle(self, request: Request, now: float) -> Response:
        """Answer a request."""
        assert self.handler is not None
        return self.handler.handle(request, now)

    def is_reachable(self, host: str) -> bool:  # noqa: ARG002
        """Return True: the server is up."""
        return True


@contextmanager
def loopback_server(
    make: Callable[[str], Handler], record: Callable[[Exchange], None]
) -> Iterator[str]:
    """Serve a handler at ``http://127.0.0.1:PORT``, and yield that origin."""
    behind = _AtOrigin()
    with serve(behind, record=record, clock=time.time) as gateway:
        behind.handler = make(gateway.proxy_url)
        behind.origins = frozenset({HostPort.of(gateway.proxy_url)})
        yield gateway.proxy_url
