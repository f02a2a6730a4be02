"""A small handler and both transports to it, for tests of the transports."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from pytest_indexcache.index.inprocess import mount
from pytest_indexcache.index.wire.gateway import serve
from pytest_indexcache.messages import (
    BytesContent,
    Delivery,
    Exchange,
    Headers,
    HostPort,
    Request,
    Response,
    Subject,
)

TRANSPORTS = ("inprocess", "wire")

AT_ONCE = Delivery()


@dataclass
class SmallIndex:
    """Answers with the response that a test set for a path, or else with method and URL."""

    origins: frozenset[HostPort] = frozenset(
        HostPort(host, port)
        for host in ("index.example", "files.example")
        for port in (80, 443, 8080, 8443)
    )
    down: set[str] = field(default_factory=set)
    responses: dict[str, Response] = field(default_factory=dict)
    seen: list[Request] = field(default_factory=list)

    def handle(self, request: Request, now: float) -> Response:  # noqa: ARG002
        """Answer a request."""
        self.seen.append(request)
        laid_down = self.responses.get(urlsplit(request.url).path)
        return laid_down or respond(f"{request.method} {request.url}".encode())

    def is_reachable(self, host: str) -> bool:
        """Return whether the host is up."""
        return host not in self.down


class BrokenIndex(SmallIndex):
    """A handler with a bug."""

    def handle(self, request: Request, now: float) -> Response:  # noqa: ARG002
        """Raise the error of the bug."""
        raise ZeroDivisionError(request.url)


@dataclass(frozen=True)
class RepeatedContent:
    """Content of any length, generated from one repeated block instead of being held in memory."""

    length: int
    block: bytes = b"\0" * (1 << 18)

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes, a block at a time."""
        for at in range(start, stop, len(self.block)):
            yield self.block[: stop - at]


def respond(
    data: bytes = b"", *, status: int = 200, delivery: Delivery = AT_ONCE, **headers: str
) -> Response:
    """Return a response; underscores in header names are replaced by hyphens."""
    fields = Headers(tuple((name.replace("_", "-"), value) for name, value in headers.items()))
    return Response(status, fields, BytesContent(data), delivery, Subject(index="small"))


def wait_until(condition: Callable[[], object]) -> None:
    """Wait for a condition that gateway threads will meet; fail after 20 seconds."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.002)


@contextmanager
def enter(
    transport: str,
    index: SmallIndex,
    record: Callable[[Exchange], None],
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[httpx.Client]:
    """Open one of the transports, and a client for it."""
    if transport == "inprocess":
        mounted = mount(index, record=record, clock=time.time, sleep=sleep)
        with httpx.Client(transport=mounted, trust_env=False) as client:
            yield client
        return
    with serve(index, record=record, clock=time.time) as gateway:
        settings = gateway.ssl_context()
        with httpx.Client(proxy=gateway.proxy_url, verify=settings, trust_env=False) as client:
            yield client
