"""How requests leave the machine: origins, responses that stream, and the one over httpx."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol, Self

from pytest_indexcache.errors import ConnectionFailedError, IndexResponseError
from pytest_indexcache.messages import Headers, Request

if TYPE_CHECKING:
    import ssl
    from pathlib import Path
    from types import TracebackType

    import httpx

_WAITS = ("connect", "read", "write", "pool")
_WORTH_READING = 1 << 16
_WORTH_A_RETRY = frozenset({500, 502, 503, 504})


def _nothing() -> None:
    pass


class ResponseSource(StrEnum):
    """Where a response came from."""

    NETWORK = "network"
    STORE = "store"
    VALIDATED = "validated"


@dataclass(slots=True)
class StreamedResponse(AbstractContextManager["StreamedResponse"]):
    """A response whose body is still to come.

    ``chunks`` yields the body as it is on the wire, without undoing any Content-Encoding, once.
    Whoever holds the response closes it, whether or not the body was read to its end.
    ``extensions`` is what httpx told beside, and only passed on.
    """

    status: int
    headers: Headers
    chunks: Iterator[bytes] = field(default_factory=lambda: iter(()))
    close: Callable[[], None] = _nothing
    source: ResponseSource = ResponseSource.NETWORK
    extensions: dict[str, Any] = field(default_factory=dict)

    def read(self) -> bytes:
        """Return what is left of the body, and close the response."""
        with self:
            return b"".join(self.chunks)

    def discard(self) -> None:
        """Close the response; a short body is read, so that the connection can serve again."""
        read = 0
        with self, suppress(ConnectionFailedError):
            while read < _WORTH_READING and (chunk := next(self.chunks, b"")):
                read += len(chunk)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class ResponseOrigin(Protocol):
    """What a cache asks when it cannot answer by itself."""

    def send(self, request: Request) -> StreamedResponse:
        """Send the request as it is and return the response's head; the body follows.

        :raises ConnectionFailedError: when no response came; from the body's chunks, too.
        """


class HttpxOrigin:
    """Sends requests over httpx, which is imported with the first of them.

    ``transport`` replaces httpx's own. ``proxy`` and ``ca_bundle`` go before what the environment
    says (``HTTPS_PROXY``, ``SSL_CERT_FILE`` ...), to which httpx listens if ``trust_env``.
    ``timeout`` is in seconds, for connecting and for each wait for bytes. Safe for threads.
    """

    def __init__(
        self,
        transport: httpx.BaseTransport | None = None,
        *,
        proxy: str | None = None,
        ca_bundle: Path | None = None,
        trust_env: bool = True,
        timeout: float = 30.0,
    ) -> None:
        self._transport = transport
        self._proxy = proxy
        self._ca_bundle = ca_bundle
        self._trust_env = trust_env
        self._timeout = timeout
        # As httpx takes them for one request.
        self._extensions = {"timeout": dict.fromkeys(_WAITS, timeout)}
        self._clients: dict[bool, httpx.Client] = {}
        self._lock = threading.Lock()

    def send(self, request: Request) -> StreamedResponse:
        """Send the request and return the response's head; redirects are not followed."""
        import httpx

        outgoing = httpx.Request(
            request.method,
            _parse_url(request.url),
            headers=list(request.headers),
            content=request.body or None,
            extensions=self._extensions,
        )
        try:
            response = self._pass_on(outgoing)
        except httpx.TransportError as error:
            raise connection_failure(request.url, error) from error
        except httpx.InvalidURL as error:  # httpx reads Location although it follows no redirect
            raise IndexResponseError(
                f"{request.url} redirects to what is no URL of an index: {error}",
                hint="check the index's URL; if it is right, tell those who keep the index",
            ) from error
        headers = headers_of(response)
        return StreamedResponse(
            response.status_code, headers, raw_chunks(request.url, response), response.close
        )

    def close(self) -> None:
        """Close every connection; the next request opens new ones."""
        with self._lock:
            clients, self._clients = self._clients, {}
        for client in clients.values():
            client.close()
        if self._transport is not None:
            self._transport.close()

    def _pass_on(self, request: httpx.Request) -> httpx.Response:
        # What else a client does is of no use here: cookies, redirects, the user's credentials.
        if self._transport is not None:
            return self._transport.handle_request(request)
        client = self._open_client(is_secure=request.url.scheme == "https")
        return client.send(request, stream=True, auth=None, follow_redirects=False)

    def _open_client(self, *, is_secure: bool) -> httpx.Client:
        import httpx

        with self._lock:
            client = self._clients.get(is_secure)
            if client is None:
                client = self._clients[is_secure] = httpx.Client(
                    proxy=self._proxy,
                    verify=self._trust(is_secure=is_secure),
                    trust_env=self._trust_env,
                    timeout=self._timeout,
                )
            return client

    def _trust(self, *, is_secure: bool) -> ssl.SSLContext | bool:
        """Return what httpx is to trust; reading all certificates takes longer than a page does."""
        import ssl

        if not is_secure and self._proxy is None:
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if self._ca_bundle is None:
            return True
        return ssl.create_default_context(cafile=str(self._ca_bundle))


class RetryingOrigin:
    """Asks another origin again when no response came, or one that blames the server.

    Only GET and HEAD are repeated (RFC 9110 9.2.2); the waits are spent in ``sleep``.
    """

    def __init__(
        self,
        origin: ResponseOrigin,
        *,
        retries: int = 3,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._origin = origin
        self._retries = retries
        self._sleep = sleep

    def send(self, request: Request) -> StreamedResponse:
        """Send the request until a response comes that is worth returning, or the last one."""
        attempts = self._retries if request.method in ("GET", "HEAD") else 0
        for attempt in range(attempts):
            try:
                response = self._origin.send(request)
            except ConnectionFailedError:
                pass
            else:
                if response.status not in _WORTH_A_RETRY:
                    return response
                response.discard()
            self._sleep(wait_before(attempt))
        return self._origin.send(request)


def wait_before(attempt: int) -> float:
    """Return how many seconds to wait before another attempt: half a second, then twice that."""
    return 0.5 * 2.0**attempt


@lru_cache(maxsize=1024)
def _parse_url(url: str) -> httpx.URL:
    import httpx

    try:
        return httpx.URL(url)
    except httpx.InvalidURL as error:
        raise IndexResponseError(
            f"{url[:200]!r} is no URL: {error}",
            hint="check the index's URL and the links of its page",
        ) from error


def headers_of(message: httpx.Request | httpx.Response) -> Headers:
    """Return the header fields of a message of httpx, as the bytes on the wire say them."""
    fields = [
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in message.headers.raw
    ]
    return Headers(tuple(fields))


def raw_chunks(url: str, response: httpx.Response) -> Iterator[bytes]:
    """Yield the body as it is on the wire; what goes wrong below becomes an error of ours."""
    import httpx

    assert isinstance(response.stream, httpx.SyncByteStream)
    try:
        yield from response.stream
    except httpx.TransportError as error:
        raise connection_failure(url, error) from error


def connection_failure(url: str, error: Exception) -> ConnectionFailedError:
    """Make the error that says which request got no whole response, and what to look at."""
    reason = str(error) or type(error).__name__
    return ConnectionFailedError(
        f"no whole response from {url}: {reason}",
        hint="check the network, the proxy settings and the index's URL, then try again",
    )
