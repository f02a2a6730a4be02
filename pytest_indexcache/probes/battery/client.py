"""The HTTP client for probes, which limits the request rate and the total requests and bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import httpx

from pytest_indexcache.errors import ProbeError
from pytest_indexcache.messages import Headers, HostPort, Request
from pytest_indexcache.probes.battery.asking import ServerAnswer
from pytest_indexcache.probes.battery.connection_hints import connection_hint
from pytest_indexcache.system.private_hosts import resolves_to_private_host
from pytest_indexcache.system.urls import basic_authorization, without_credentials

READ_METHODS: Final = ("GET", "HEAD")
SECONDS_TO_ANSWER: Final = 30.0
SECONDS_FOR_BODY: Final = 60.0
ROOT_BYTES: Final = 256 << 10
"""The maximum number of bytes to read from a root page; the one on pypi.org has 40 MB."""

_TOO_MANY_REQUESTS: Final = 429


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits for a probe: requests per second, total requests, total bytes, and bytes per body."""

    rate: float = 4.0
    requests: int = 100
    total_bytes: int = 32 << 20
    body_bytes: int = 4 << 20


class ProbeClient:
    """Sends GET and HEAD requests to an index and to the hosts that serve its files.

    Redirects are not followed. Credentials in the URL of the index are only sent to the index's own
    origin. ``monotonic`` and ``sleep`` are functions like those in the module ``time``.
    """

    def __init__(
        self,
        index_url: str,
        http: httpx.Client,
        bounds: Bounds,
        *,
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self.requests = 0
        self.read_bytes = 0
        self.skipped = 0
        self.problems: list[str] = []
        self._origin = _origin(index_url)
        self._root = without_credentials(index_url).rstrip("/")
        self._is_private = _is_private(index_url)
        self._authorization = basic_authorization(index_url)
        self._http = http
        self._bounds = bounds
        self._monotonic = monotonic
        self._sleep = sleep
        self._next = 0.0

    def ask(self, request: Request) -> ServerAnswer | None:
        """Send a request; return None if the request is not permitted or has no response.

        :raises ProbeError: if the first request has no response, or if any response has status 429
        """
        reason = self._refusal(request)
        if reason:
            self.problems.append(f"{without_credentials(request.url)} is not asked: {reason}")
            return None
        if self.requests >= self._bounds.requests or self.read_bytes >= self._bounds.total_bytes:
            self.skipped += 1
            return None
        self._wait()
        self.requests += 1
        try:
            answer = self._send(request)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
            self._fail(request, error)
            return None
        if answer.status == _TOO_MANY_REQUESTS:
            raise ProbeError(
                f"{self._host} answered with 429 after {self.requests} requests",
                "send fewer requests per second with --rate",
            )
        return answer

    def _refusal(self, request: Request) -> str:
        if request.method not in READ_METHODS:
            return f"{request.method} could change something"
        try:
            parts, origin = urlsplit(request.url), _origin(request.url)
        except ValueError:
            return "it is not a URL"
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return "it is not a URL of http or https"
        # A page could name an address that only this machine can reach.
        if origin != self._origin and not self._is_private and _is_private(request.url):
            return "a public index must not lead to a private address"
        return ""

    @property
    def _host(self) -> str:
        return self._origin[1].host

    def _wait(self) -> None:
        now = self._monotonic()
        if now < self._next:
            self._sleep(self._next - now)
        self._next = max(now, self._next) + 1 / self._bounds.rate

    def _send(self, request: Request) -> ServerAnswer:
        fields = list(request.headers)
        if self._authorization and _origin(request.url) == self._origin:
            fields.append(("Authorization", self._authorization))
        url = without_credentials(request.url)
        asked = httpx.Request(request.method, url, headers=[*fields, ("Connection", "keep-alive")])
        response = self._http.send(asked, stream=True)
        try:
            is_root = url.rstrip("/") == self._root
            limit = ROOT_BYTES if is_root else self._bounds.body_bytes
            body, is_whole = self._body(response, limit)
        finally:
            response.close()
        headers = Headers(
            tuple(
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, value in response.headers.raw
            )
        )
        return ServerAnswer(response.status_code, headers, body, is_whole)

    def _body(self, response: httpx.Response, limit: int) -> tuple[bytes, bool]:
        """Read at most ``limit`` bytes of a body; return them, and whether the body is complete."""
        body = bytearray()
        end = self._monotonic() + SECONDS_FOR_BODY
        for piece in response.iter_raw(1 << 16):
            self.read_bytes += len(piece)
            body += piece
            is_much = len(body) > limit
            if is_much or self.read_bytes > self._bounds.total_bytes or self._monotonic() > end:
                return bytes(body), False
        return bytes(body), True

    def _fail(self, request: Request, error: Exception) -> None:
        text = f"{request.method} {without_credentials(request.url)} has no answer: {error}"
        if self.requests == 1:
            raise ProbeError(text, connection_hint(str(error))) from error
        self.problems.append(text)


def _origin(url: str) -> tuple[str, HostPort]:
    return urlsplit(url).scheme, HostPort.of(url)


def _is_private(url: str) -> bool:
    return resolves_to_private_host(urlsplit(url).hostname or "")
