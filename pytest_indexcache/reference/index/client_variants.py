"""The index client for variants: each of their bugs changes one decision in the correct code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from pytest_indexcache.errors import IndexResponseError
from pytest_indexcache.messages import Headers, Request
from pytest_indexcache.reference.http_cache.http_options import CacheOptions
from pytest_indexcache.reference.http_cache.origin import StreamedResponse
from pytest_indexcache.reference.index.client import (
    PAGE_TYPES,
    PIECE_BY_PIECE,
    WORTH_A_RETRY,
    IndexClient,
    demand_success,
)
from pytest_indexcache.reference.words.behaviour import Behaviour
from pytest_indexcache.reference.words.packages import IndexLocation
from pytest_indexcache.reference.words.simple_page import SimplePage


class VariantClient(IndexClient):
    """An index client with the bugs that ``behaviour`` turns on.

    ``indexes`` are the project's indexes; one of the bugs mixes up their Cache-Control overrides.
    All other arguments are the same as for `IndexClient`.
    """

    def __init__(
        self,
        *arguments: Any,
        behaviour: Behaviour,
        indexes: Iterable[IndexLocation] = (),
        **options: Any,
    ) -> None:
        super().__init__(*arguments, **options)
        self._behaviour = behaviour
        self._indexes = tuple(indexes)
        if behaviour.never_retry:
            self._retries = 0

    def get_page(
        self,
        url: str,
        index: IndexLocation | None,
        *,
        refresh: bool = False,
        upgrade: bool = False,
    ) -> SimplePage | None:
        """Return a page; some variants get its URL, content type or freshness wrong."""
        page = super().get_page(url, index, refresh=refresh, upgrade=upgrade)
        if page is None:
            return None
        if self._behaviour.ignore_redirects:
            page = replace(page, url=url)
        if self._behaviour.assume_json:
            page = replace(page, content_type="application/json")
        if self._behaviour.ignore_age:
            page = replace(page, is_reused=False)
        return page

    def _says_absent(self, url: str, response: StreamedResponse) -> bool:
        if self._behaviour.pass_over_refusals and response.status in (401, 403):
            return True
        if self._behaviour.fail_at_403 and response.status == 403:
            return False
        return super()._says_absent(url, response)

    def get_metadata(
        self,
        url: str,
        index: IndexLocation | None,
        *,
        store: bool = True,
        refresh: bool = False,
    ) -> bytes | None:
        """Return core metadata; in one variant, missing metadata is an error."""
        metadata = super().get_metadata(url, index, store=store, refresh=refresh)
        if metadata is None and self._behaviour.insist_on_metadata:
            raise IndexResponseError(f"{url} does not exist, although its index announced it")
        return metadata

    @contextmanager
    def open_part(
        self, url: str, index: IndexLocation | None, wanted: str
    ) -> Iterator[StreamedResponse | None]:
        """Open a part of a file; in one variant, a HEAD request must show that this is possible."""
        if self._behaviour.trust_head and not self._is_promised_by_head(url, index):
            yield None
            return
        with super().open_part(url, index, wanted) as response:
            yield response

    def _is_promised_by_head(self, url: str, index: IndexLocation | None) -> bool:
        options = replace(self._options(index, files=True), bypass=True)
        final_url, response = self._get(url, PIECE_BY_PIECE, index, options, method="HEAD")
        with response:
            demand_success(final_url, response)
            return response.headers.get("Accept-Ranges") == "bytes"

    def _is_usable(self, response: StreamedResponse) -> bool:
        if self._behaviour.demand_ranges and response.part is None:
            raise IndexResponseError("the index did not answer a range request with that range")
        if self._behaviour.trust_ranges and response.status == 206 and response.part is None:
            raise IndexResponseError("the Content-Range of an answer is not a part of the file")
        return super()._is_usable(response)

    def _page_options(
        self, index: IndexLocation | None, *, refresh: bool, upgrade: bool
    ) -> CacheOptions:
        options = super()._page_options(index, refresh=refresh, upgrade=upgrade)
        return replace(options, ignore_staleness=self._behaviour.trust_stale_pages)

    def _options(
        self, index: IndexLocation | None, *, files: bool, refresh: bool = False
    ) -> CacheOptions:
        options = super()._options(index, files=files, refresh=refresh)
        return replace(
            options,
            refresh=options.refresh and not self._behaviour.ignore_refresh,
            reject_stale=self._behaviour.refuse_stale_offline,
            unconditional=self._behaviour.forget_validators,
            distrusts_bare_304=self._behaviour.distrust_bare_304,
        )

    def _override(self, index: IndexLocation | None, *, files: bool) -> str | None:
        everywhere = self._indexes if self._behaviour.override_everywhere else ()
        overrides = (
            super(VariantClient, self)._override(other_index, files=files)
            for other_index in everywhere
        )
        own = super()._override(index, files=files)
        return own if own is not None else next(filter(None, overrides), None)

    def _get_whole(
        self, url: str, headers: Headers, index: IndexLocation | None, options: CacheOptions
    ) -> tuple[str, StreamedResponse, bytes]:
        for attempt in range(self._retries if self._behaviour.retry_retries else 0):
            whole = super()._get_whole(url, headers, index, options)
            if whole[1].status not in WORTH_A_RETRY:
                return whole
            self._wait_after(attempt)
        return super()._get_whole(url, headers, index, options)

    def _send(self, request: Request) -> StreamedResponse:
        response = super()._send(request)
        if self._behaviour.need_date and "Date" not in response.headers:
            raise IndexResponseError(f"{request.url} was answered without Date")
        if self._behaviour.ignore_age:
            response.headers = response.headers.without("Age", "Date")
        return response

    def _get(
        self,
        url: str,
        headers: Headers,
        index: IndexLocation | None,
        options: CacheOptions,
        method: str = "GET",
    ) -> tuple[str, StreamedResponse]:
        if options.override is not None and self._behaviour.override_on_request:
            headers = headers.set("Cache-Control", options.override)
            options = replace(options, override=None)
        if self._behaviour.password_for_pages_alone and headers.get("Accept") != PAGE_TYPES:
            index = None
        return super()._get(url, headers, index, options, method)
