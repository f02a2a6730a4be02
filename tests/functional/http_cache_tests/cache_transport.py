"""The HTTP cache of the reference installer as a transport of httpx, for the suite's requests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import time

import httpx

from pytest_indexcache.errors import ConnectionFailedError
from pytest_indexcache.messages import Headers, Request
from pytest_indexcache.reference.http_cache.caching import HttpCache
from pytest_indexcache.reference.http_cache.origin import HttpxOrigin, StreamedResponse


class CacheTransport(httpx.BaseTransport):
    """Sends requests through an HTTP cache in a folder, and then through the inner transport."""

    def __init__(self, inner: httpx.BaseTransport, folder: Path, *, serves_stale: bool) -> None:
        self._origin = HttpxOrigin(inner, trust_env=False, timeout=20)
        self._cache = HttpCache(folder, clock=time, serves_stale=serves_stale)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request from the store, or with the response of the inner transport."""
        pairs = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in request.headers.raw)
        sent = Request(request.method, str(request.url), Headers(pairs), request.read())
        with _failures_of_httpx():
            response = self._cache.send(sent, self._origin.send)
        fields = [(k.encode("latin-1"), v.encode("latin-1")) for k, v in response.headers]
        return httpx.Response(response.status, headers=fields, stream=_Body(response))

    def close(self) -> None:
        """Close the inner transport."""
        self._origin.close()


@contextmanager
def _failures_of_httpx() -> Iterator[None]:
    try:
        yield
    except ConnectionFailedError as error:
        raise httpx.TransportError(str(error)) from error


class _Body(httpx.SyncByteStream):
    def __init__(self, response: StreamedResponse) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        with _failures_of_httpx():
            yield from self._response.chunks

    def close(self) -> None:
        self._response.close()
