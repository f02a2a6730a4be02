"""The HTTP cache as a transport of httpx, for any client that is to have one.

::

    transport = CacheTransport(httpx.HTTPTransport(), directory=folder, clock=time.time)
    with httpx.Client(transport=transport) as client:
        client.get(url, extensions={"cache": CacheOptions(override="max-age=600")})
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx

from pytest_indexcache.errors import ConnectionFailedError
from pytest_indexcache.messages import Headers, Request
from pytest_indexcache.reference.http_cache.caching import HttpCache
from pytest_indexcache.reference.http_cache.http_options import CacheOptions
from pytest_indexcache.reference.http_cache.origin import (
    StreamedResponse,
    connection_failure,
    headers_of,
    raw_chunks,
)


class CacheTransport(httpx.BaseTransport):
    """A transport that answers from a private HTTP cache where RFC 9111 lets it.

    ``inner`` carries what must be asked. ``directory`` and ``clock`` (seconds since the epoch) are
    as in :class:`.caching.HttpCache`. A request may bring its own
    :class:`.http_options.CacheOptions` as extension ``"cache"``; others are treated by ``options``.
    A response's extension ``"cache_source"`` says where it
    came from: ``"network"``, ``"store"`` or ``"validated"``.

    Failures of the inner transport come through as they are; :class:`OfflineError` is raised
    where ``options.offline`` forbids to ask.
    """

    def __init__(
        self,
        inner: httpx.BaseTransport,
        *,
        directory: Path | str,
        clock: Callable[[], float],
        options: CacheOptions | None = None,
        serves_stale: bool = True,
    ) -> None:
        self._inner = inner
        self._options = options or CacheOptions()
        self._cache = HttpCache(Path(directory), clock=clock, serves_stale=serves_stale)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request from the store, or with what the inner transport brings."""
        options = request.extensions.get("cache", self._options)
        origin = _InnerTransport(self._inner, request)
        headers = headers_of(request)
        # a GET with content is no request for the URL alone, which is all that the cache knows
        if request.method in ("GET", "HEAD") and _has_content(headers):
            options = replace(options, bypass=True)
        with _failures_of_httpx():
            response = self._cache.send(
                Request(request.method, str(request.url), headers), origin, options
            )
        return httpx.Response(
            response.status,
            headers=_encoded(response.headers),
            stream=_CachedStream(response),
            extensions={**response.extensions, "cache_source": str(response.source)},
        )

    def close(self) -> None:
        """Close the inner transport."""
        self._inner.close()


class _InnerTransport:
    """The inner transport as an origin, for one request; a body goes through as it came."""

    def __init__(self, inner: httpx.BaseTransport, original: httpx.Request) -> None:
        self._inner = inner
        self._original = original

    def send(self, request: Request) -> StreamedResponse:
        """Send the request as the cache changed it."""
        original = self._original
        outgoing = httpx.Request(
            original.method,
            original.url,
            headers=_encoded(request.headers),
            stream=original.stream,
            extensions=original.extensions,
        )
        try:
            response = self._inner.handle_request(outgoing)
        except httpx.TransportError as error:
            raise connection_failure(request.url, error) from error
        return StreamedResponse(
            response.status_code,
            headers_of(response),
            raw_chunks(request.url, response),
            response.close,
            extensions=dict(response.extensions),
        )


class _CachedStream(httpx.SyncByteStream):
    def __init__(self, response: StreamedResponse) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        with _failures_of_httpx():
            yield from self._response.chunks

    def close(self) -> None:
        self._response.close()


@contextmanager
def _failures_of_httpx() -> Iterator[None]:
    """Let out the failure of httpx that an error of ours was made of."""
    try:
        yield
    except ConnectionFailedError as error:
        if isinstance(error.__cause__, httpx.TransportError):
            raise error.__cause__ from None
        raise


def _has_content(headers: Headers) -> bool:
    return "Transfer-Encoding" in headers or headers.get("Content-Length") not in (None, "0")


def _encoded(headers: Headers) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
