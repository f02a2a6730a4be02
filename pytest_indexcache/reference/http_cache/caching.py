"""The HTTP cache, which answers a request from its store or forwards it to the origin server.

RFC 9111 determines which responses it may store and reuse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pytest_indexcache.errors import ConnectionFailedError, OfflineError
from pytest_indexcache.messages import Headers, Request
from pytest_indexcache.reference.http_cache.http_options import CacheOptions
from pytest_indexcache.reference.http_cache.origin import (
    Ask,
    ResponseSource,
    StreamedResponse,
)
from pytest_indexcache.reference.http_cache.response_store import (
    ResponseFile,
    ResponseStore,
    StoredResponseWriter,
)
from pytest_indexcache.reference.http_cache.rules.cache_freshness import StoredResponse
from pytest_indexcache.reference.http_cache.rules.cache_policy import (
    Reuse,
    apply_override,
    invalidated_urls,
    is_only_if_cached,
    is_selected,
    judge_reuse,
    may_answer_disconnected,
    may_answer_failure,
    overridden,
    reused_headers,
    selecting_fields,
    storable_headers,
    why_not_stored,
)
from pytest_indexcache.reference.http_cache.rules.cache_ranges import (
    holds,
    requested_part,
    wants_whole,
)
from pytest_indexcache.reference.http_cache.rules.cache_validation import (
    Identity,
    freshen,
    identify,
    is_confirmed_by_head,
    is_not_modified,
    validation_request,
)
from pytest_indexcache.system.urls import normal_url

_AS_USUAL: Final = CacheOptions()
_FAILURES: Final = frozenset({500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class _Call:
    """A request to the cache, with its options and the function that forwards it to the origin."""

    request: Request
    ask: Ask
    options: CacheOptions


@dataclass(frozen=True, slots=True)
class _Received:
    """A response from the origin server, and the head to store for it."""

    response: StreamedResponse
    head: StoredResponse


class HttpCache:
    """A private HTTP cache in a folder, for any origin.

    ``clock`` returns seconds since the epoch. ``serves_stale`` enables two uses of stale responses
    that the RFCs allow but do not require. If the origin cannot be reached, a stale response is
    returned (RFC 9111 4.2.4), or a 504 if the stored response forbids that. A stale response that
    allows ``stale-while-revalidate`` is returned at once and revalidated afterwards (RFC 5861 3).

    Thread-safe; other processes may use the same folder.
    """

    def __init__(
        self, directory: Path, *, clock: Callable[[], float], serves_stale: bool = True
    ) -> None:
        self._store = ResponseStore(directory)
        self._clock = clock
        self._serves_stale = serves_stale

    def send(
        self, request: Request, ask: Ask, options: CacheOptions = _AS_USUAL
    ) -> StreamedResponse:
        """Answer a request with a stored response, or else with the origin's response.

        A response is stored once its body has been read to the end.

        :raises OfflineError: if ``options`` forbid requests, and no stored response can be used
        :raises ConnectionFailedError: if the origin did not send a response
        """
        call = _Call(request, ask, options)
        if request.method in ("GET", "HEAD") and not options.bypass:
            return self._read(call)
        if options.offline:
            raise _not_stored(request)
        if options.bypass:
            return ask(request)
        return self._write(call)

    # -- GET and HEAD ------------------------------------------------------------------------------

    def _read(self, call: _Call) -> StreamedResponse:
        now = self._clock()
        stored = self._choose(call.request)
        if stored is not None:
            reuse = self._judge(call, stored, now)
            if reuse is not Reuse.AFTER_VALIDATION:
                answer = self._answer(call.request, stored, now)
                if answer is not None:
                    later = reuse is Reuse.WHILE_REVALIDATING
                    return self._then_revalidate(answer, call, stored) if later else answer
                stored = None
        if call.options.offline:
            raise _not_stored(call.request)
        # 5.2.1.7: "Caches that honor this request directive SHOULD, upon receiving it, respond with
        # either a stored response consistent with the other constraints of the request or a 504
        # (Gateway Timeout) status code."
        if is_only_if_cached(call.request):
            return _gateway_timeout("no stored response may answer this request")
        return self._ask(call, stored)

    def _choose(self, request: Request) -> ResponseFile | None:
        for stored in self._store.find(request.url):
            if is_selected(request, stored.head) and holds(stored.head, request, stored.length):
                return stored
        return None

    def _judge(self, call: _Call, stored: ResponseFile, now: float) -> Reuse:
        options = call.options
        takes_stale = options.offline and not options.reject_stale
        if takes_stale or options.ignore_staleness:
            return Reuse.AS_IT_IS
        if options.refresh:
            return Reuse.AFTER_VALIDATION
        reuse = judge_reuse(call.request, overridden(stored.head, options.override), now)
        if reuse is Reuse.WHILE_REVALIDATING and not self._serves_stale:
            return Reuse.AFTER_VALIDATION
        return reuse

    def _ask(self, call: _Call, stored: ResponseFile | None) -> StreamedResponse:
        """Send a request, conditionally if a response is stored; return the response to use."""
        conditional = None
        if stored is not None and not call.options.unconditional:
            conditional = validation_request(call.request, stored.head)
        outgoing = conditional or call.request
        if call.options.refresh:
            headers = outgoing.headers.setdefault("Cache-Control", "no-cache")
            outgoing = replace(outgoing, headers=headers)
        try:
            received = self._receive(outgoing, call.ask)
        except ConnectionFailedError:
            answer = self._answer_disconnected(call, stored)
            if answer is None:
                raise
            return answer
        response = received.response
        if stored is not None:
            answer = self._use_stored(call, stored, received, conditional is not None)
            if answer is not None:
                return answer
            if response.status == 304 and conditional is not None:
                return self._ask(call, None)
        if call.request.method == "HEAD":
            self._learn_from_head(call.request, received)
            return response
        return self._keep(call, received)

    def _use_stored(
        self, call: _Call, stored: ResponseFile, received: _Received, is_ours: bool
    ) -> StreamedResponse | None:
        """Return the stored response if the origin's response permits its use, or else None.

        ``is_ours`` is true if the condition was added to the request by this cache and not by its
        client.
        """
        response = received.response
        if response.status == 304 and is_ours:
            response.discard()
            return self._answer_validated(call, stored, received)
        if response.status == 304 and identify(stored.head, response.headers) is Identity.SAME:
            self._freshen(call, stored, received)
        # 4.3.3: "if a cache receives a 5xx (Server Error) response while attempting to validate a
        # response, it can either forward this response to the requesting client or act as if the
        # server failed to respond."
        if response.status in _FAILURES:
            head = overridden(stored.head, call.options.override)
            if may_answer_failure(call.request, head, received.head.response_time):
                answer = self._answer(call.request, stored, received.head.response_time)
                if answer is not None:
                    response.discard()
                return answer
        return None

    # -- answers from the store --------------------------------------------------------------------

    def _answer(
        self, request: Request, stored: ResponseFile, now: float, *, validated: bool = False
    ) -> StreamedResponse | None:
        """Return an answer from the stored response, or None if the response cannot be used."""
        body = stored.open()
        if body is None:
            return None
        head = stored.head
        headers = reused_headers(head, now, validated=validated)
        source = ResponseSource.VALIDATED if validated else ResponseSource.STORE
        if is_not_modified(request, head):
            body.close()
            return StreamedResponse(304, headers.without("Content-Length"), source=source)
        if request.method == "HEAD":
            body.close()
            return StreamedResponse(head.status, headers, source=source)
        if wants_whole(request, head) or head.status not in (200, 206):
            chunks = body.chunks(0, stored.length)
            return StreamedResponse(head.status, headers, chunks, body.close, source)
        part = requested_part(request, head.part.total if head.part else stored.length)
        if part is None:
            body.close()
            return None
        headers = headers.set("Content-Range", f"bytes {part.first}-{part.last}/{part.total}")
        headers = headers.set("Content-Length", str(part.length))
        offset = part.first - (head.part.first if head.part else 0)
        chunks = body.chunks(offset, offset + part.length)
        # 3.3: "A cache MUST NOT send a partial response to a client without explicitly marking it
        # using the 206 (Partial Content) status code."
        return StreamedResponse(206, headers, chunks, body.close, source)

    def _answer_validated(
        self, call: _Call, stored: ResponseFile, received: _Received
    ) -> StreamedResponse | None:
        identity = identify(stored.head, received.response.headers)
        is_bare = identity is not Identity.SAME and call.options.distrusts_bare_304
        if identity is Identity.OTHER or is_bare:
            return None
        if identity is Identity.SAME:
            head = freshen(stored.head, call.request, received.head)
        else:
            head = stored.head
        fresh = replace(stored, head=head)
        answer = self._answer(call.request, fresh, received.head.response_time, validated=True)
        if answer is not None and identity is Identity.SAME:
            self._freshen(call, stored, received)
        return answer

    def _answer_disconnected(
        self, call: _Call, stored: ResponseFile | None
    ) -> StreamedResponse | None:
        """Return an answer when the origin cannot be reached.

        The result is None if the connection error must be raised.
        """
        if stored is None:
            return None
        now = self._clock()
        head = overridden(stored.head, call.options.override)
        allowed = self._serves_stale and may_answer_disconnected(head)
        if allowed or may_answer_failure(call.request, head, now):
            return self._answer(call.request, stored, now)
        # 5.2.2.2: "if a cache is disconnected, the cache MUST generate an error response rather
        # than reuse the stale response. The generated status code SHOULD be 504 (Gateway Timeout)"
        if self._serves_stale:
            return _gateway_timeout("the origin cannot be reached to validate the stored response")
        return None

    def _then_revalidate(
        self, answer: StreamedResponse, call: _Call, stored: ResponseFile
    ) -> StreamedResponse:
        """Return the answer; once it has been closed, its stored response is revalidated."""
        close_body = answer.close

        def close() -> None:
            answer.close = close_body
            close_body()
            # RFC 5861 3: the cache "SHOULD attempt to revalidate it while still serving stale
            # responses"; a failure of that does not affect the answer
            with suppress(ConnectionFailedError):
                self._ask(call, stored).read()

        answer.close = close
        return answer

    # -- storing responses -------------------------------------------------------------------------

    def _keep(self, call: _Call, received: _Received) -> StreamedResponse:
        """Return a response; if it may be stored, it is stored once its body has been read."""
        request, response = call.request, received.response
        judged = apply_override(response.status, response.headers, call.options.override)
        if why_not_stored(request, response.status, judged) is not None:
            return response
        # 3.3: "a cache MUST NOT store incomplete or partial-content responses if it does not
        # support the Range and Content-Range header fields or if it does not understand the range
        # units used in those fields."
        if response.status == 206 and response.part is None:
            return response
        head = replace(
            received.head,
            headers=storable_headers(response.headers, received.head.response_time),
            selecting=selecting_fields(request, response.headers),
            part=response.part,
        )
        writer = self._store.write(head)
        return response if writer is None else _written_down(response, writer, head)

    def _freshen(self, call: _Call, stored: ResponseFile, received: _Received) -> None:
        head = freshen(stored.head, call.request, received.head)
        judged = overridden(head, call.options.override)
        if why_not_stored(replace(call.request, method="GET"), head.status, judged.headers):
            stored.remove()
        else:
            self._store.update(stored, head)

    def _learn_from_head(self, request: Request, received: _Received) -> None:
        # 4.3.5: "When a cache makes an inbound HEAD request for a target URI and receives a 200
        # (OK) response, the cache SHOULD update or invalidate each of its stored GET responses that
        # could have been chosen for that request"
        if received.response.status != 200:
            return
        for stored in self._store.find(request.url):
            if not is_selected(request, stored.head):
                continue
            if is_confirmed_by_head(stored.head, received.response.headers, stored.length):
                self._store.update(stored, freshen(stored.head, request, received.head))
            else:
                stored.remove()

    # -- other methods -----------------------------------------------------------------------------

    def _write(self, call: _Call) -> StreamedResponse:
        # 4: "A cache MUST write through requests with methods that are unsafe"
        received = self._receive(call.request, call.ask)
        head = received.head
        for url in invalidated_urls(call.request, head.status, head.headers):
            self._store.remove_url(url)
        return self._keep(call, received)

    def _receive(self, request: Request, ask: Ask) -> _Received:
        request_time = self._clock()
        response = ask(request)
        url, response_time = normal_url(request.url), self._clock()
        head = StoredResponse(url, response.status, response.headers, request_time, response_time)
        return _Received(response, head)


def _written_down(
    response: StreamedResponse, writer: StoredResponseWriter, head: StoredResponse
) -> StreamedResponse:
    """Return a response that is written to the store while its body is read."""
    announced = response.headers.get("Content-Length") if head.part is None else head.part.length

    def chunks() -> Iterator[bytes]:
        for chunk in response.chunks:
            writer.add(chunk)
            yield chunk
        # a body shorter than its Content-Length is incomplete (RFC 9112 8)
        if announced is None or head.status == 204 or str(writer.length) == str(announced):
            writer.commit()

    def close() -> None:
        writer.discard()
        response.close()

    return replace(response, chunks=chunks(), close=close)


def _gateway_timeout(text: str) -> StreamedResponse:
    body = f"{text}\n".encode()
    headers = Headers.of({"Content-Type": "text/plain", "Content-Length": str(len(body))})
    return StreamedResponse(504, headers, iter((body,)), source=ResponseSource.STORE)


def _not_stored(request: Request) -> OfflineError:
    return OfflineError(
        f"{normal_url(request.url)} is not stored, and --offline forbids requesting it",
        hint="run the same command once without --offline",
    )
