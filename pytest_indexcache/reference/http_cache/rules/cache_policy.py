"""The rules for storing and reusing responses in a private cache: RFC 9111, clause by clause.

The functions do not read the clock or any file: ``now`` and the messages are arguments. Numbers in
comments are sections of RFC 9111, unless another document is named.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from hashlib import sha256
from typing import Final
from urllib.parse import urljoin, urlsplit

from pytest_indexcache.messages import Headers, Request, http_date
from pytest_indexcache.reference.http_cache.rules.cache_control import Directives
from pytest_indexcache.reference.http_cache.rules.cache_freshness import (
    HEURISTICALLY_CACHEABLE,
    StoredResponse,
    current_age,
    freshness_lifetime,
    is_fresh,
    staleness,
)
from pytest_indexcache.reference.http_cache.rules.header_values import split_list

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""The safe methods, which do not change anything (RFC 9110 9.2.1); all others count as unsafe."""

VARIES_ON_EVERYTHING: Final = "the response varies on everything"
"""The reason that is given for not storing a response with ``Vary: *``."""

_UNDERSTOOD: Final = HEURISTICALLY_CACHEABLE | {302, 303, 307}
"""Final status codes whose caching requirements are implemented here."""

# 3.1: fields that "Connection" names, and those that RFC 9110 7.6.1 requires to be removed; then
# the fields that are "specific to the proxy that a cache uses"
_NEVER_STORED: Final = frozenset(
    {
        "connection", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade",
        "proxy-authenticate", "proxy-authentication-info", "proxy-authorization",
    }
)  # fmt: skip

# RFC 9110 12.5: members of these fields mean the same in any order and any case
_UNORDERED: Final = frozenset({"accept-language", "accept-encoding", "accept-charset"})
_SECRET: Final = frozenset({"authorization", "cookie"})


# -- storing ---------------------------------------------------------------------------------------


def why_not_stored(request: Request, status: int, headers: Headers) -> str | None:
    """Return the reason why a response must not be stored, or None if it may be stored.

    ``headers`` are the header fields of the response, with any override applied. See RFC 9111 3.
    Because the cache is private, the rules for Authorization (3.5) and s-maxage do not apply, and a
    response with ``private`` may be stored.
    """
    directives = Directives.of(headers)
    # 3: "the request method is understood by the cache"
    if not _is_method_cacheable(request, headers, directives):
        return f"responses to {request.method} are not stored"
    # 3: "the response status code is final"
    if status < 200:
        return f"status {status} is not final"
    # 3: "if the response status code is 206 or 304, or the must-understand cache directive is
    # present: the cache understands the response status code"
    if status == 304 or ("must-understand" in directives and status not in _UNDERSTOOD):
        return f"status {status} is not understood"
    # 5.2.1.5: "a cache MUST NOT store any part of either this request or any response to it"
    if "no-store" in Directives.of(request.headers):
        return "the request said no-store"
    # 5.2.2.3: "When a cache that implements the must-understand directive receives a response that
    # includes it, the cache SHOULD ignore the no-store directive if it understands and implements
    # the status code's caching requirements."
    if "no-store" in directives and "must-understand" not in directives:
        return "the response said no-store"
    # 4.1: "A stored response with a Vary header field value containing a member "*" always fails
    # to match", so that a stored copy could never be reused
    if _varies_on_everything(headers):
        return VARIES_ON_EVERYTHING
    # 3: "the response contains at least one of the following:" "a public response directive", "a
    # private response directive, if the cache is not shared", "an Expires header field", "a max-age
    # response directive", "a status code that is defined as heuristically cacheable"
    if not (
        {"public", "private", "max-age"} & directives.arguments.keys()
        or "Expires" in headers
        or status in HEURISTICALLY_CACHEABLE
    ):
        return f"nothing says that status {status} may be stored"
    return None


def _is_method_cacheable(request: Request, headers: Headers, directives: Directives) -> bool:
    if request.method == "POST":
        # RFC 9110 9.3.3: "Responses to POST requests are only cacheable when they include explicit
        # freshness information and a Content-Location header field that has the same value as
        # the POST's target URI"
        location = headers.get("Content-Location")
        explicit = "max-age" in directives or "Expires" in headers
        return explicit and location is not None and _resolve(request.url, location) == request.url
    return request.method == "GET"


def storable_headers(headers: Headers, response_time: float) -> Headers:
    """Return those header fields of a response that may be stored (RFC 9111 3.1)."""
    unwanted = set(_NEVER_STORED)
    # 3.1: "The Connection header field and fields whose names are listed in it are required by
    # Section 7.6.1 of [HTTP] to be removed before forwarding the message."
    unwanted.update(name.lower() for name in split_list(headers.get("Connection") or ""))
    kept = Headers(tuple(pair for pair in headers if pair[0].lower() not in unwanted))
    # RFC 9110 6.6.1: "A recipient with a clock that receives a response message without a Date
    # header field MUST record the time it was received and append a corresponding Date header
    # field to the message's header section if it is cached or forwarded downstream."
    return kept.setdefault("Date", http_date(response_time))


# -- Vary ------------------------------------------------------------------------------------------


def selecting_fields(request: Request, headers: Headers) -> tuple[tuple[str, str | None], ...]:
    """Return the request fields that a response's Vary names, normalized (RFC 9111 4.1)."""
    names = {name.lower() for line in headers.get_all("Vary") for name in split_list(line)}
    return tuple((name, _normalized(name, request.headers)) for name in sorted(names))


def is_selected(request: Request, stored: StoredResponse) -> bool:
    """Return whether a request matches a stored response in all fields that Vary names."""
    # 4.1: "the cache MUST NOT use that stored response without revalidation unless all the
    # presented request header fields nominated by that Vary field value match those fields in the
    # original request", and: "If (after any normalization that might take place) a header field
    # is absent from a request, it can only match another request if it is also absent there."
    return all(
        name != "*" and _normalized(name, request.headers) == value
        for name, value in stored.selecting
    )


def _varies_on_everything(headers: Headers) -> bool:
    return any("*" in split_list(line) for line in headers.get_all("Vary"))


def _normalized(name: str, headers: Headers) -> str | None:
    # 4.1 allows "adding or removing whitespace", "combining multiple header field lines with the
    # same field name" and "normalizing both header field values in a way that is known to have
    # identical semantics", such as "reordering field values when order is not significant"
    lines = headers.get_all(name)
    if not lines:
        return None
    # a secret is not written to the disk; comparing its digest is enough
    if name in _SECRET:
        return f"sha256:{sha256(','.join(lines).encode()).hexdigest()}"
    members = split_list(",".join(lines))
    if name in _UNORDERED:
        members = sorted("".join(member.split()).lower() for member in members)
    return ",".join(members)


# -- reuse -----------------------------------------------------------------------------------------


class Reuse(StrEnum):
    """How a stored response that matches a request may be used to answer it."""

    AS_IT_IS = "as it is"
    WHILE_REVALIDATING = "while it is revalidated"
    AFTER_VALIDATION = "after validation"


def judge_reuse(request: Request, stored: StoredResponse, now: float) -> Reuse:
    """Decide whether a matching stored response may be used without contacting the origin.

    See RFC 9111 4.
    """
    asked = Directives.of(request.headers)
    said = Directives.of(stored.headers)
    # 5.2.2.4: the unqualified no-cache directive "indicates that the response MUST NOT be used to
    # satisfy any other request without forwarding it for validation". A no-store response was
    # stored only because of an override that is no longer configured.
    if said.is_unqualified("no-cache") or _forbids_storing(said):
        return Reuse.AFTER_VALIDATION
    # 5.2.1.4: no-cache means that "the client prefers a stored response not be used to satisfy the
    # request without successful validation on the origin server"; 5.4: "When the Cache-Control
    # header field is not present in a request, caches MUST consider the no-cache request pragma-
    # directive as having the same effect" (RFC 7234 5.4, which 9111 deprecates)
    if "no-cache" in asked or (not asked.arguments and _says_pragma_no_cache(request.headers)):
        return Reuse.AFTER_VALIDATION
    if is_fresh(stored, now):
        fits = _is_fresh_enough(asked, said, stored, now)
        return Reuse.AS_IT_IS if fits else Reuse.AFTER_VALIDATION
    return _judge_stale(asked, said, stored, now)


def _is_fresh_enough(
    asked: Directives, said: Directives, stored: StoredResponse, now: float
) -> bool:
    # RFC 8246 2: "Clients SHOULD NOT issue a conditional request during the response's freshness
    # lifetime (e.g., upon a reload) unless explicitly overridden by the user (e.g., a force
    # reload)". A reload sends max-age=0, a forced one no-cache.
    if "immutable" in said:
        return True
    age = current_age(stored, now)
    # 5.2.1.1: "the client prefers a response whose age is less than or equal to the specified
    # number of seconds"
    max_age = asked.seconds("max-age")
    if max_age is not None and age > max_age:
        return False
    # 5.2.1.3: "the client prefers a response whose freshness lifetime is no less than its current
    # age plus the specified time in seconds"
    min_fresh = asked.seconds("min-fresh")
    return min_fresh is None or freshness_lifetime(stored) >= age + min_fresh


def _judge_stale(asked: Directives, said: Directives, stored: StoredResponse, now: float) -> Reuse:
    # 4.2.4: "A cache MUST NOT generate a stale response if it is prohibited by an explicit
    # in-protocol directive (e.g., by a no-cache response directive, a must-revalidate response
    # directive [...])."
    if "must-revalidate" in said:
        return Reuse.AFTER_VALIDATION
    too_old = staleness(stored, now)
    # 5.2.1.2: "the client will accept a response that has exceeded its freshness lifetime. If a
    # value is present, then the client is willing to accept a response that has exceeded its
    # freshness lifetime by no more than the specified number of seconds."
    if "max-stale" in asked:
        bound = asked.seconds("max-stale")
        if asked.arguments["max-stale"] is None or (bound is not None and too_old <= bound):
            return Reuse.AS_IT_IS
    # RFC 5861 3: "caches MAY serve the response it appears in after it becomes stale, up to the
    # indicated number of seconds"; this does not apply to a request that sets its own bounds
    window = said.seconds("stale-while-revalidate")
    if window is not None and too_old <= window and not asked.arguments:
        return Reuse.WHILE_REVALIDATING
    return Reuse.AFTER_VALIDATION


def may_answer_failure(request: Request, stored: StoredResponse, now: float) -> bool:
    """Return whether a stale response may replace a 500, 502, 503 or 504 (RFC 5861 4)."""
    said = Directives.of(stored.headers)
    if _forbids_stale(said):
        return False
    bounds = [said.seconds("stale-if-error")]
    bounds.append(Directives.of(request.headers).seconds("stale-if-error"))
    too_old = staleness(stored, now)
    return any(bound is not None and too_old <= bound for bound in bounds)


def may_answer_disconnected(stored: StoredResponse) -> bool:
    """Return whether a stale response may be used if the origin cannot be reached."""
    # 4.2.4: "A cache MUST NOT generate a stale response unless it is disconnected or doing so is
    # explicitly permitted by the client or origin server"
    return not _forbids_stale(Directives.of(stored.headers))


def _forbids_stale(said: Directives) -> bool:
    return "must-revalidate" in said or said.is_unqualified("no-cache") or _forbids_storing(said)


def _forbids_storing(said: Directives) -> bool:
    return "no-store" in said and "must-understand" not in said


def _says_pragma_no_cache(headers: Headers) -> bool:
    pragmas = {member.lower() for member in split_list(headers.get("Pragma") or "")}
    return "no-cache" in pragmas


def is_only_if_cached(request: Request) -> bool:
    """Return whether a request accepts nothing but a stored response (RFC 9111 5.2.1.7)."""
    return "only-if-cached" in Directives.of(request.headers)


def reused_headers(stored: StoredResponse, now: float, *, validated: bool = False) -> Headers:
    """Return the header fields of an answer that is made from a stored response."""
    headers = stored.headers
    if not validated:
        # 5.2.2.4: the qualified no-cache lets reuse "if the listed header fields are excluded from
        # the subsequent response or the subsequent response has been successfully revalidated"
        headers = headers.without(*Directives.of(headers).field_names("no-cache"))
    # 4: "When a stored response is used to satisfy a request without validation, a cache MUST
    # generate an Age header field, replacing any present in the response with a value equal to
    # the stored response's current_age"
    return headers.set("Age", str(int(current_age(stored, now))))


# -- overrides -------------------------------------------------------------------------------------


def apply_override(status: int, headers: Headers, override: str | None) -> Headers:
    """Return the header fields that the cache evaluates, with the user's override applied.

    An override replaces Cache-Control and removes Expires and Pragma. It applies only to successful
    responses: redirects and errors keep their own header fields.
    """
    if override is None or status not in (200, 203, 206):
        return headers
    return headers.without("Expires", "Pragma").set("Cache-Control", override)


def overridden(stored: StoredResponse, override: str | None) -> StoredResponse:
    """Return a stored response with the user's override applied."""
    headers = apply_override(stored.status, stored.headers, override)
    return stored if headers is stored.headers else replace(stored, headers=headers)


# -- invalidation ----------------------------------------------------------------------------------


def invalidated_urls(request: Request, status: int, headers: Headers) -> tuple[str, ...]:
    """Return the URLs whose stored responses a request invalidates (RFC 9111 4.4)."""
    # "A cache MUST invalidate the target URI when it receives a non-error status code in response
    # to an unsafe request method (including methods whose safety is unknown)." "A
    # "non-error response" is one with a 2xx (Successful) or 3xx (Redirection) status code."
    if request.method in SAFE_METHODS or not 200 <= status < 400:
        return ()
    urls = [request.url]
    # "A cache MAY invalidate other URIs [...] In particular, the URI(s) in the Location and
    # Content-Location response header fields (if present) are candidates for invalidation";
    # "However, a cache MUST NOT trigger an invalidation under these conditions if the origin [...]
    # of the URI to be invalidated differs from that of the target URI"
    for name in ("Location", "Content-Location"):
        value = headers.get(name)
        if value is not None:
            url = _resolve(request.url, value)
            if url is not None and origin_of(url) == origin_of(request.url):
                urls.append(url)
    return tuple(urls)


def origin_of(url: str) -> tuple[str, str, int | None]:
    """Return the origin of a URL: its scheme, host and port (RFC 9110 4.3.1)."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname or "", parts.port or default


def _resolve(base: str, reference: str) -> str | None:
    """Resolve a URI reference against a base URL; return None if the reference is not valid."""
    try:
        url = urljoin(base, reference)
        origin_of(url)
    except ValueError:
        return None
    return url
