"""How one request is to be treated by the HTTP cache."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CacheOptions:
    """What a caller asks of the HTTP cache for one request, beside what the headers say.

    ``override`` stands for the Cache-Control of a successful *response*, whose Pragma and Expires
    then count no more; it decides both whether the response is stored and how long it is fresh.
    ``bypass`` neither looks into the cache nor stores. ``offline`` reuses a stored response however
    stale and never asks. ``refresh`` revalidates what is stored although it is fresh.
    ``ignore_staleness`` reuses what is stored however stale, and asks for the rest.
    ``reject_stale`` takes from ``offline`` that it reuses what is stale. ``unconditional`` asks for
    what is stale without its validators; ``distrusts_bare_304`` asks again after a 304 without any.
    """

    override: str | None = None
    bypass: bool = False
    offline: bool = False
    refresh: bool = False
    ignore_staleness: bool = False
    reject_stale: bool = False
    unconditional: bool = False
    distrusts_bare_304: bool = False
