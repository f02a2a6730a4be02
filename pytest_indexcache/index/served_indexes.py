"""The indexes of a scenario as a play meets them: fake ones, and running servers."""

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
    """Fake indexes, some of which a running server answers for; a handler and a context manager.

    Only GET and HEAD are passed on. A server on the loopback is asked for what lies at the host of
    its index and for nothing else; other servers may lead to the hosts of their files, too.
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
        """Every host and port that is served."""
        led = self._upstreams.origins if self._may_lead else frozenset()
        return self._fakes.origins | self._own | led

    def is_reachable(self, host: str) -> bool:
        """Return whether a host accepts connections."""
        return host not in self._fakes.hosts or self._fakes.is_reachable(host)

    def handle(self, request: Request, now: float) -> Response:
        """Answer a request by the fake index that has the URL, or pass it on to a server."""
        name = self._fakes.owner_of(request.url)
        is_passed_on = name in self._names if name else self._is_of_server(request)
        if not is_passed_on:
            return self._fakes.handle(request, now)
        if request.method not in READ_METHODS:
            text = f"{request.method} is not passed on to a running server"
            return refusal(405, Subject(index=name, refused=text), now)
        return self._upstreams.handle(request, now)

    def _is_of_server(self, request: Request) -> bool:
        """Return whether a URL that no index has is at the host of a server, or where one led."""
        is_led = self._may_lead and self._upstreams.serves(request.url)
        return request.origin in self._own or is_led
