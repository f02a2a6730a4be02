"""The indexes used in a play: fake indexes, and running servers that replace some of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pytest_indexcache.index.answers.answers import refusal
from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.index.upstreams.named_upstreams import is_on_loopback
from pytest_indexcache.index.upstreams.upstream import Upstream
from pytest_indexcache.index.upstreams.upstream_indexes import UpstreamIndexes
from pytest_indexcache.messages import HostPort, Request, Response, Subject

READ_METHODS: Final = ("GET", "HEAD")


class ServedIndexes:
    """Answers requests with fake indexes and with the servers that replace some of them.

    Only GET and HEAD requests are forwarded to servers. If all servers are on loopback, requests
    are forwarded only to the servers' own hosts. Otherwise, they are also forwarded to hosts that
    the servers link to.
    """

    def __init__(self, fakes: FakeIndexes, upstreams: Sequence[Upstream]) -> None:
        self._fakes = fakes
        self._names = frozenset(upstream.name for upstream in upstreams)
        self._own = frozenset(upstream.origin for upstream in upstreams)
        self._may_lead = not all(map(is_on_loopback, upstreams))
        self._upstreams = UpstreamIndexes(upstreams)

    def __enter__(self) -> ServedIndexes:
        return self

    def __exit__(self, *_: object) -> None:
        self._upstreams.close()

    @property
    def origins(self) -> frozenset[HostPort]:
        """All hosts and ports that are served."""
        led = self._upstreams.origins if self._may_lead else frozenset()
        return self._fakes.origins | self._own | led

    def is_reachable(self, host: str) -> bool:
        """Return whether a host accepts connections."""
        return host not in self._fakes.hosts or self._fakes.is_reachable(host)

    def handle(self, request: Request, now: float) -> Response:
        """Answer a request with a fake index, or forward it to a running server."""
        name = self._fakes.owner_of(request.url)
        is_passed_on = name in self._names if name else self._is_of_server(request)
        if not is_passed_on:
            return self._fakes.handle(request, now)
        if request.method not in READ_METHODS:
            text = f"{request.method} is not passed on to a running server"
            return refusal(405, Subject(index=name, refused=text), now)
        return self._upstreams.handle(request, now)

    def _is_of_server(self, request: Request) -> bool:
        """Return whether a request is for a server's own host, or for a host that it links to."""
        is_led = self._may_lead and self._upstreams.serves(request.url)
        return request.origin in self._own or is_led
