"""Options that determine how the HTTP cache treats a request."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CacheOptions:
    """How the HTTP cache treats a request, apart from the request's header fields.

    ``override`` replaces the Cache-Control of a successful *response*, whose Pragma and Expires are
    then ignored; it determines whether the response is stored, and how long it is fresh. With
    ``bypass``, the cache is neither read nor written. With ``offline``, no request is sent, and
    stale responses are also reused, unless ``reject_stale`` is set. With ``refresh``, a stored
    response is revalidated even if it is fresh. With ``ignore_staleness``, any stored response is
    reused; a request is sent only if there is none. With ``unconditional``, stale responses are
    requested again, without validators. With ``distrusts_bare_304``, the request is repeated after
    a 304 without validators.
    """

    override: str | None = None
    bypass: bool = False
    offline: bool = False
    refresh: bool = False
    ignore_staleness: bool = False
    reject_stale: bool = False
    unconditional: bool = False
    distrusts_bare_304: bool = False
