"""The HTTP client for indexes, which requests pages, core metadata and files."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final
from urllib.parse import urljoin, urlsplit

from pytest_indexcache.errors import ConnectionFailedError, IndexResponseError
from pytest_indexcache.messages import HTML, HTML_V1, JSON_V1, Headers, Request
from pytest_indexcache.reference.http_cache.caching import HttpCache
from pytest_indexcache.reference.http_cache.http_options import CacheOptions
from pytest_indexcache.reference.http_cache.origin import (
    HttpxOrigin,
    ResponseSource,
    StreamedResponse,
)
from pytest_indexcache.reference.http_cache.rules.cache_policy import origin_of
from pytest_indexcache.reference.index.credentials import Credentials
from pytest_indexcache.reference.words.packages import IndexLocation
from pytest_indexcache.reference.words.simple_page import SimplePage
from pytest_indexcache.system.checkpoints import Checkpoint, go_on
from pytest_indexcache.system.urls import without_credentials

PAGE_TYPES: Final = f"{JSON_V1}, {HTML_V1};q=0.2, {HTML};q=0.01"
"""The Accept field for simple pages; it prefers JSON (PEP 691, "Version + Format Selection")."""

USER_AGENT: Final = "pytest-indexcache-reference"

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS: Final = 10
_LARGEST_PAGE: Final = 256 << 20
"""The maximum size, in bytes, of a decoded page or metadata file: ten times PyPI's largest page."""

_SAYS_403_FOR_404: Final = ("pytorch.org",)
"""Domains on which hosts answer 403, instead of 404, if they do not have a project."""
_NO_SUCH_METADATA: Final = frozenset({404, 410})
WORTH_A_RETRY: Final = frozenset({500, 502, 503, 504})
_IS_NOT_OF_RANGES: Final = frozenset({401, 407, 408, 429, 502, 503, 504})
"""Status codes of failed range requests for which a whole file is not requested instead.

A request for the whole file would fail in the same way.
"""


_WHOLE: Final = Headers.of({"Accept": "*/*", "Accept-Encoding": "gzip"})
PIECE_BY_PIECE: Final = Headers.of({"Accept": "*/*", "Accept-Encoding": "identity"})


class IndexClient:
    """Requests pages, core metadata and files from indexes, through the HTTP cache in a folder.

    ``origin`` sends the requests that the cache cannot answer. ``clock`` returns seconds since the
    epoch. With ``offline``, no request is sent: stored responses are reused even if they are stale,
    and anything else raises :class:`~pytest_indexcache.errors.OfflineError`. With ``refresh``,
    every stored response is revalidated. ``netrc_file`` contains the credentials for hosts whose
    URLs do not contain a user name. A request is retried up to ``retries`` times after a connection
    failure, or after status 500, 502, 503 or 504; ``sleep`` is called to wait before each retry.
    ``checkpoint`` is called before each request, before each wait and after each piece of a body;
    an exception that it raises cancels the request.

    Thread-safe. Each small method makes one decision, so that ``client_variants`` can override it.
    """

    def __init__(
        self,
        cache_directory: Path,
        origin: HttpxOrigin,
        *,
        clock: Callable[[], float],
        offline: bool = False,
        refresh: bool = False,
        netrc_file: Path | None = None,
        retries: int = 3,
        sleep: Callable[[float], None] = time.sleep,
        checkpoint: Checkpoint = go_on,
    ) -> None:
        self.offline = offline
        self.refresh = refresh
        self._origin = origin
        self._credentials = Credentials(netrc_file)
        self._retries = retries
        self._spend = sleep
        self._checkpoint = checkpoint
        self._cache = HttpCache(cache_directory, clock=clock, serves_stale=False)

    def get_page(
        self,
        url: str,
        index: IndexLocation | None,
        *,
        refresh: bool = False,
        upgrade: bool = False,
    ) -> SimplePage | None:
        """Return the simple page at a URL, or None if the index does not have the project.

        ``index`` supplies the credentials, and the Cache-Control override for pages. A 404, or a
        403 from a PyTorch index, means that the index does not have the project; a 410 is treated
        as a page without files. With ``refresh``, the page is revalidated regardless of its age.
        ``upgrade`` has the same effect, unless the user's own override determines how long pages
        are fresh.

        :raises IndexResponseError: for any other error status, or for too many redirects
        :raises ConnectionFailedError: if no complete page arrived
        :raises OfflineError: if the page is not stored, and ``offline`` forbids requests
        """
        headers = _WHOLE.set("Accept", PAGE_TYPES)
        options = self._page_options(index, refresh=refresh, upgrade=upgrade)
        final_url, response, body = self._get_whole(url, headers, index, options)
        if self._says_absent(url, response):
            return None
        # RFC 9110 15.5.11: "access to the target resource is no longer available": it existed.
        if response.status == 410:
            return SimplePage(final_url, "text/html", b"", response.headers)
        demand_success(final_url, response)
        content_type = response.headers.get("Content-Type") or ""
        body = _decode(final_url, response.headers, body)
        is_reused = response.source is ResponseSource.STORE
        return SimplePage(final_url, content_type, body, response.headers, is_reused=is_reused)

    def _says_absent(self, url: str, response: StreamedResponse) -> bool:
        """Return whether the response to a page request means that the index lacks the project."""
        return response.status == 404 or (response.status == 403 and _hides_404(url))

    def get_metadata(
        self,
        url: str,
        index: IndexLocation | None,
        *,
        store: bool = True,
        refresh: bool = False,
    ) -> bytes | None:
        """Return the core metadata file at a URL (PEP 658), or None if it does not exist (404).

        The index's Cache-Control override for pages also applies to metadata. With ``store=False``,
        the HTTP cache is neither read nor written. Raises the same errors as :meth:`get_page`.
        """
        options = replace(self._options(index, files=False, refresh=refresh), bypass=not store)
        final_url, response, body = self._get_whole(url, _WHOLE, index, options)
        if response.status in _NO_SUCH_METADATA:
            return None
        demand_success(final_url, response)
        return _decode(final_url, response.headers, body)

    @contextmanager
    def open_file(
        self, url: str, index: IndexLocation | None, *, store: bool
    ) -> Iterator[StreamedResponse]:
        """Open a wheel or an sdist, which can be read in pieces until the context exits.

        With ``store=False``, the HTTP cache is neither read nor written. With ``store=True``, the
        file is stored once its body has been read to the end, if its header fields permit that. If
        the index has a Cache-Control override for files, the override decides instead. Raises the
        same errors as :meth:`get_page`, and IndexResponseError for 403 and 404.
        """
        options = replace(self._options(index, files=True), bypass=not store)
        final_url, response = self._get(url, PIECE_BY_PIECE, index, options)
        with response:
            if response.status >= 400:
                response.discard()
            demand_success(final_url, response)
            yield response

    @contextmanager
    def open_part(
        self, url: str, index: IndexLocation | None, wanted: str
    ) -> Iterator[StreamedResponse | None]:
        """Open a part of a wheel, such as ``bytes=-1000``; yield None if the index rejects it.

        The response contains the whole file if the index does not support ranges (RFC 9110 14.2: "A
        server MAY ignore the Range header field"). The HTTP cache is not used. Raises the same
        errors as :meth:`open_file`.
        """
        options = replace(self._options(index, files=True), bypass=True)
        headers = PIECE_BY_PIECE.set("Range", wanted)
        final_url, response = self._get(url, headers, index, options)
        with response:
            if response.status in _IS_NOT_OF_RANGES:
                demand_success(final_url, response)
            if self._is_usable(response):
                yield response
            else:
                response.discard()
                yield None

    def _is_usable(self, response: StreamedResponse) -> bool:
        """Return whether the response to a range request contains the range or the whole file."""
        return response.status == 200 or response.part is not None

    def _page_options(
        self, index: IndexLocation | None, *, refresh: bool, upgrade: bool
    ) -> CacheOptions:
        options = self._options(index, files=False, refresh=refresh)
        if upgrade and options.override is None:
            options = replace(options, refresh=True)
        return options

    def _options(
        self, index: IndexLocation | None, *, files: bool, refresh: bool = False
    ) -> CacheOptions:
        return CacheOptions(
            override=self._override(index, files=files),
            offline=self.offline,
            refresh=self.refresh or refresh,
        )

    def _override(self, index: IndexLocation | None, *, files: bool) -> str | None:
        if index is None:
            return None
        return index.files_override if files else index.pages_override

    def _get_whole(
        self, url: str, headers: Headers, index: IndexLocation | None, options: CacheOptions
    ) -> tuple[str, StreamedResponse, bytes]:
        """Return the URL after redirects, the response, and the whole body.

        If the body breaks off, the request is repeated.
        """
        for attempt in range(self._retries):
            final_url, response = self._get(url, headers, index, options)
            with suppress(ConnectionFailedError):
                return final_url, response, response.read()
            self._wait_after(attempt)
        final_url, response = self._get(url, headers, index, options)
        return final_url, response, response.read()

    def _ask(self, request: Request) -> StreamedResponse:
        """Send a GET request, and repeat it after server errors; return the last response."""
        for attempt in range(self._retries):
            try:
                response = self._send(request)
            except ConnectionFailedError:
                pass
            else:
                if response.status not in WORTH_A_RETRY:
                    return response
                response.discard()
            self._wait_after(attempt)
        return self._send(request)

    def _send(self, request: Request) -> StreamedResponse:
        return self._origin.send(request)

    def _wait_after(self, attempt: int) -> None:
        """Wait before a retry: half a second at first, and twice as long before each later one."""
        self._checkpoint()
        self._spend(0.5 * 2.0**attempt)

    def _watched(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._checkpoint()
            yield chunk

    def _get(
        self,
        url: str,
        headers: Headers,
        index: IndexLocation | None,
        options: CacheOptions,
        method: str = "GET",
    ) -> tuple[str, StreamedResponse]:
        """Send a request through the cache and follow redirects; return the last URL and response.

        Credentials are sent only to the origin that they belong to.
        """
        own_url = None if index is None else index.url
        start = url
        for _ in range(_MOST_REDIRECTS + 1):
            bare, authorization = self._credentials.split(url, own_url)
            hop_headers = headers.set("User-Agent", USER_AGENT)
            if authorization is not None:
                hop_headers = hop_headers.set("Authorization", authorization)
            request = Request(method, bare, hop_headers)
            self._checkpoint()
            response = self._cache.send(request, self._ask, options)
            response.chunks = self._watched(response.chunks)
            location = response.headers.get("Location")
            if response.status not in _REDIRECTS or location is None:
                return bare, response
            response.discard()
            url = _redirected(bare, location)
        raise IndexResponseError(
            f"{without_credentials(start)} redirects more than {_MOST_REDIRECTS} times",
            hint="check the index's URL; the index may redirect in a circle",
        )


def _redirected(url: str, location: str) -> str:
    """Return the URL that a redirect points to; it must be an HTTP or HTTPS URL."""
    try:
        target = urljoin(url, location)
        scheme, host, _ = origin_of(target)
    except ValueError:
        scheme, host = "", ""
    if scheme not in ("http", "https") or not host:
        raise IndexResponseError(
            f"{url} redirects to {location!r}, which is not the URL of an index",
            hint="check the index's URL; if it is right, tell the index's operator",
        )
    return target


def _hides_404(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return any(host == known or host.endswith(f".{known}") for known in _SAYS_403_FOR_404)


def demand_success(url: str, response: StreamedResponse) -> None:
    """Raise IndexResponseError for a response whose status is neither 200 nor 203."""
    if response.status in (200, 203):
        return
    if response.status in (401, 403, 407):
        hint = "check the user and password in the index's URL"
    elif response.status in (404, 410):
        hint = "the index may have removed it: look at its pages again with --refresh"
    else:
        hint = "try again later" if response.status >= 500 else "check the index's URL"
    raise IndexResponseError(f"{url} was answered with status {response.status}", hint=hint)


def _decode(url: str, headers: Headers, body: bytes) -> bytes:
    """Return a response body after decoding its Content-Encoding (RFC 9110 8.4.1.3)."""
    coding = (headers.get("Content-Encoding") or "identity").strip().lower()
    if coding == "identity":
        return body
    if coding not in ("gzip", "x-gzip"):
        raise IndexResponseError(
            f"the body of {url} has the content coding {coding!r}, which was not requested",
            hint="report it to the operator of the index",
        )
    try:
        return _unpack(body)
    except (zlib.error, ValueError) as error:
        raise IndexResponseError(
            f"the body of {url} cannot be unpacked as gzip: {error}",
            hint="try again; if it happens again, tell the index's operator",
        ) from error


def _unpack(body: bytes) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    whole = unpacker.decompress(body, _LARGEST_PAGE)
    if unpacker.unconsumed_tail:
        raise ValueError(f"it is larger than {_LARGEST_PAGE >> 20} MiB")
    if not unpacker.eof:
        raise ValueError("it is incomplete")
    return whole
