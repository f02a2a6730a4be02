"""A cache, a server with prepared answers, and their clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pytest_indexcache.errors import ConnectionFailedError
from pytest_indexcache.messages import Headers, Request, http_date
from pytest_indexcache.reference.http_cache.caching import HttpCache
from pytest_indexcache.reference.http_cache.http_options import CacheOptions
from pytest_indexcache.reference.http_cache.origin import ResponseSource, StreamedResponse

START = 1_700_000_000.0
URL = "https://pypi.org/simple/torch/"


@dataclass
class Server:
    """An origin with prepared answers, which remembers its requests.

    A header value of None stands for the clock's Date, and a missing answer for a broken
    connection.
    """

    now: float = START
    status: int = 200
    fields: dict[str, str] = field(default_factory=dict)
    body: bytes = b"page"
    is_down: bool = False
    is_cut: bool = False
    asked: list[Request] = field(default_factory=list)

    def send(self, request: Request) -> StreamedResponse:
        """Answer a request."""
        self.asked.append(request)
        if self.is_down:
            raise ConnectionFailedError("nobody answers")
        headers = Headers.of({"Date": http_date(self.now), **self.fields})
        return StreamedResponse(self.status, headers, self._chunks(request))

    def _chunks(self, request: Request) -> Iterator[bytes]:
        if request.method == "HEAD" or self.status == 304:
            return
        half = len(self.body) // 2
        yield self.body[:half]
        if self.is_cut:
            raise ConnectionFailedError("broken off")
        yield self.body[half:]


@dataclass
class Setting:
    """A cache, its server, and their clock."""

    cache: HttpCache
    server: Server

    def get(
        self,
        *fields: tuple[str, str],
        method: str = "GET",
        url: str = URL,
        options: CacheOptions | None = None,
    ) -> tuple[int, bytes, ResponseSource, Headers]:
        """Send a request through the cache and read the response to its end."""
        request = Request(method, url, Headers(fields))
        response = self.cache.send(request, self.server.send, options or CacheOptions())
        return response.status, response.read(), response.source, response.headers

    def source(
        self, *fields: tuple[str, str], options: CacheOptions | None = None
    ) -> ResponseSource:
        """Return the source of the response to a GET."""
        return self.get(*fields, options=options)[2]

    @property
    def requests(self) -> int:
        """Return the number of requests that reached the server."""
        return len(self.server.asked)
