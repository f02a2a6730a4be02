"""How requests leave the machine: over httpx, and with responses that stream."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock
from typing import TYPE_CHECKING

from pytest_indexcache.errors import ConnectionFailedError, IndexResponseError, UsageError
from pytest_indexcache.messages import Headers, Request
from pytest_indexcache.reference.http_cache.rules.cache_freshness import ByteRange
from pytest_indexcache.reference.http_cache.rules.cache_ranges import content_range

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

_WORTH_READING = 1 << 16


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
    """

    status: int
    headers: Headers
    chunks: Iterator[bytes] = field(default_factory=lambda: iter(()))
    close: Callable[[], None] = _nothing
    source: ResponseSource = ResponseSource.NETWORK

    @property
    def part(self) -> ByteRange | None:
        """Which bytes of the whole the body has; None where it is not a part (RFC 9110 14.4)."""
        return content_range(self.headers) if self.status == 206 else None

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

    def __exit__(self, *details: object) -> None:
        self.close()


Ask = Callable[[Request], StreamedResponse]
"""Sends a request as it is and returns the response's head; the body follows.

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
        self._client: httpx.Client | None = None
        self._lock = Lock()

    def send(self, request: Request) -> StreamedResponse:
        """Send the request and return the response's head; redirects are not followed."""
        import httpx

        try:
            outgoing = httpx.Request(
                request.method,
                request.url,
                # Validators go back as they came, whatever bytes they have.
                headers=[(k.encode("latin-1"), v.encode("latin-1")) for k, v in request.headers],
                content=request.body or None,
            )
            # httpx takes any host that is ASCII; a socket refuses a label over 63 bytes.
            outgoing.url.raw_host.decode("ascii").encode("idna")
        except (httpx.InvalidURL, UnicodeError) as error:
            raise IndexResponseError(
                f"{request.url[:200]!r} is no URL: {error}",
                hint="check the index's URL and the links of its page",
            ) from error
        try:
            response = self._open_client().send(outgoing, stream=True, auth=None)
        except (httpx.TransportError, httpx.InvalidURL, UnicodeError) as error:
            # httpx reads Location although it follows no redirect, and raises either of the two.
            reason = error.__context__ if isinstance(error, httpx.RemoteProtocolError) else error
            if isinstance(reason, (httpx.InvalidURL, UnicodeError)):
                raise IndexResponseError(
                    f"{request.url} redirects to what is no URL of an index: {reason}",
                    hint="check the index's URL; if it is right, tell those who keep the index",
                ) from error
            raise _connection_failure(request.url, error) from error
        fields = [(k.decode("latin-1"), v.decode("latin-1")) for k, v in response.headers.raw]
        chunks = _raw_chunks(request.url, response)
        return StreamedResponse(response.status_code, Headers.of(fields), chunks, response.close)

    def close(self) -> None:
        """Close every connection; the next request opens new ones."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _open_client(self) -> httpx.Client:
        import ssl

        import httpx

        with self._lock:
            if self._client is None:
                bundle = self._ca_bundle
                verify = ssl.create_default_context(cafile=bundle) if bundle else True
                try:
                    self._client = httpx.Client(
                        transport=self._transport,
                        proxy=self._proxy,
                        verify=verify,
                        trust_env=self._trust_env,
                        timeout=self._timeout,
                    )
                except (httpx.InvalidURL, ValueError, ImportError) as error:
                    raise _wrong_proxy(self._proxy, error) from error
            return self._client


def _wrong_proxy(proxy: str | None, error: Exception) -> UsageError:
    """Make the error that names the settings of proxies, of which httpx refuses one."""
    named = [it for it in sorted(os.environ) if it.lower().endswith("_proxy") and os.environ[it]]
    # Outside Linux the system may have some that no variable names.
    place = "the proxy" if proxy is not None else " or ".join(named) or "the system's proxy"
    return UsageError(
        f"{place} cannot be used: {str(error).splitlines()[0]}",
        hint="name a proxy by its URL, http://HOST:PORT, or none",
    )


def _raw_chunks(url: str, response: httpx.Response) -> Iterator[bytes]:
    """Yield the body as it is on the wire; what goes wrong below becomes an error of ours."""
    import httpx

    assert isinstance(response.stream, httpx.SyncByteStream)
    try:
        yield from response.stream
    except httpx.TransportError as error:
        raise _connection_failure(url, error) from error


def _connection_failure(url: str, error: Exception) -> ConnectionFailedError:
    """Make the error that says which request got no whole response, and what to look at."""
    reason = str(error) or type(error).__name__
    return ConnectionFailedError(
        f"no whole response from {url}: {reason}",
        hint="check the network, the proxy settings and the index's URL, then try again",
    )
