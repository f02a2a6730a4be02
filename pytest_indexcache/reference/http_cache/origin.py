"""Send requests to servers with httpx, and stream the responses."""

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
    """Where a response came from: the network, the store, or the store after revalidation."""

    NETWORK = "network"
    STORE = "store"
    VALIDATED = "validated"


@dataclass(slots=True)
class StreamedResponse(AbstractContextManager["StreamedResponse"]):
    """A response whose body has not been read yet.

    ``chunks`` yields the body once, as it was received, with any Content-Encoding. The caller must
    close the response, whether or not the body was read completely.
    """

    status: int
    headers: Headers
    chunks: Iterator[bytes] = field(default_factory=lambda: iter(()))
    close: Callable[[], None] = _nothing
    source: ResponseSource = ResponseSource.NETWORK

    @property
    def part(self) -> ByteRange | None:
        """The range of bytes in the body; None if this is not partial content (RFC 9110 14.4)."""
        return content_range(self.headers) if self.status == 206 else None

    def read(self) -> bytes:
        """Return the part of the body that has not been read yet, and close the response."""
        with self:
            return b"".join(self.chunks)

    def discard(self) -> None:
        """Close the response; a short body is read first, so that the connection can be reused."""
        read = 0
        with self, suppress(ConnectionFailedError):
            while read < _WORTH_READING and (chunk := next(self.chunks, b"")):
                read += len(chunk)

    def __exit__(self, *details: object) -> None:
        self.close()


Ask = Callable[[Request], StreamedResponse]
"""A function that sends a request unchanged, and returns a response with an unread body.

:raises ConnectionFailedError: if no response arrives, or if it breaks off while its body is read
"""


class HttpxOrigin:
    """Sends requests with httpx, which is not imported before the first request.

    ``transport`` replaces httpx's own transport. ``proxy`` and ``ca_bundle`` take precedence over
    the environment (``HTTPS_PROXY``, ``SSL_CERT_FILE`` ...), which httpx reads if ``trust_env`` is
    true. ``timeout`` is in seconds, both for connecting and for each wait for bytes. Thread-safe.
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
        """Send a request and return the response; redirects are not followed."""
        import httpx

        try:
            outgoing = httpx.Request(
                request.method,
                request.url,
                # Validators are sent back unchanged, even if they contain bytes that are not ASCII.
                headers=[(k.encode("latin-1"), v.encode("latin-1")) for k, v in request.headers],
                content=request.body or None,
            )
            # httpx accepts any ASCII host name; a socket refuses a label over 63 bytes.
            outgoing.url.raw_host.decode("ascii").encode("idna")
        except (httpx.InvalidURL, UnicodeError) as error:
            raise IndexResponseError(
                f"{request.url[:200]!r} is not a URL: {error}",
                hint="check the index's URL and the links of its page",
            ) from error
        try:
            response = self._open_client().send(outgoing, stream=True, auth=None)
        except (httpx.TransportError, httpx.InvalidURL, UnicodeError) as error:
            # httpx parses Location even if it follows no redirect, and raises one of these two.
            reason = error.__context__ if isinstance(error, httpx.RemoteProtocolError) else error
            if isinstance(reason, (httpx.InvalidURL, UnicodeError)):
                raise IndexResponseError(
                    f"{request.url} redirects to an invalid URL: {reason}",
                    hint="check the index's URL; if it is right, tell the index's operator",
                ) from error
            raise _connection_failure(request.url, error) from error
        fields = [(k.decode("latin-1"), v.decode("latin-1")) for k, v in response.headers.raw]
        chunks = _raw_chunks(request.url, response)
        return StreamedResponse(response.status_code, Headers.of(fields), chunks, response.close)

    def close(self) -> None:
        """Close all connections; the next request opens a new one."""
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
    """Return an error for a proxy that httpx rejects; it names the settings to check."""
    named = [
        name for name in sorted(os.environ) if name.lower().endswith("_proxy") and os.environ[name]
    ]
    # Outside Linux the system may have proxies that no variable names.
    place = "the proxy" if proxy is not None else " or ".join(named) or "the system's proxy"
    return UsageError(
        f"{place} cannot be used: {str(error).splitlines()[0]}",
        hint="set the proxy to a URL, http://HOST:PORT, or unset it",
    )


def _raw_chunks(url: str, response: httpx.Response) -> Iterator[bytes]:
    """Yield the body as it was received; convert httpx's errors to ConnectionFailedError."""
    import httpx

    assert isinstance(response.stream, httpx.SyncByteStream)
    try:
        yield from response.stream
    except httpx.TransportError as error:
        raise _connection_failure(url, error) from error


def _connection_failure(url: str, error: Exception) -> ConnectionFailedError:
    """Return an error for a missing or incomplete response, with a hint for the user."""
    reason = str(error) or type(error).__name__
    return ConnectionFailedError(
        f"no complete response from {url}: {reason}",
        hint="check the network, the proxy settings and the index's URL, then try again",
    )
