"""Options for how the HTTP cache treats one request."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CacheOptions:
    """The options of a request to the HTTP cache, besides its header fields.

    ``override`` replaces the Cache-Control of a successful *response*, whose Pragma and Expires are
    then ignored; it determines whether the response is stored, and how long it is fresh. With
    ``bypass``, the cache is neither read nor written. With ``offline``, no request is sent, and a
    stale response is also reused, unless ``reject_stale`` is set. With ``refresh``, a stored
    response is revalidated even if it is fresh. With ``ignore_staleness``, any stored response is
    reused, and a request is sent only if there is none. With ``unconditional``, a request for a
    stale response is sent without validators. With ``distrusts_bare_304``, a request is repeated
    after a 304 without validators.
    """

    override: str | None = None
    bypass: bool = False
    offline: bool = False
    refresh: bool = False
    ignore_staleness: bool = False
    reject_stale: bool = False
    unconditional: bool = False
    distrusts_bare_304: bool = False
