"""Options for how the HTTP cache treats one request."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CacheOptions:
    """The options of a request to the HTTP cache, besides its header fields.

    ``override`` replaces the Cache-Control of a successful *response*, whose Pragma and Expires are
    then ignored; it decides both whether the response is stored and how long the response is fresh.
    ``bypass`` neither reads the cache nor stores. ``offline`` reuses a stored response even if it
    is stale, and sends no request. ``refresh`` revalidates a stored response even if it is fresh.
    ``ignore_staleness`` reuses a stored response even if it is stale, and requests anything else.
    ``reject_stale`` stops ``offline`` from reusing stale responses. ``unconditional`` requests a
    stale response without its validators; ``distrusts_bare_304`` repeats the request after a 304
    that has no validator.
    """

    override: str | None = None
    bypass: bool = False
    offline: bool = False
    refresh: bool = False
    ignore_staleness: bool = False
    reject_stale: bool = False
    unconditional: bool = False
    distrusts_bare_304: bool = False
