"""Determine whether RFC 9111 allows storing a response, and how long it may be reused."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pytest_indexcache.messages import Exchange, Headers, Kind, Request
from pytest_indexcache.reference.http_cache.rules.cache_control import Directives
from pytest_indexcache.reference.http_cache.rules.cache_freshness import (
    StoredResponse,
    current_age,
    freshness_lifetime,
)
from pytest_indexcache.reference.http_cache.rules.cache_policy import (
    VARIES_ON_EVERYTHING,
    apply_override,
    why_not_stored,
)
from pytest_indexcache.scenario.model import Scenario


class Reading(StrEnum):
    """The possible conclusions about storing and reusing a response, according to RFC 9111."""

    NOT_STORED = "it must not be stored"
    ASK_FIRST = "it may be stored, and reused only after validation (no-cache)"
    FRESH = "it is fresh by an explicit lifetime"
    HEURISTIC = "it may be treated as fresh because of its Last-Modified"
    OLD_ON_ARRIVAL = "its Age is beyond its lifetime"
    ZERO = "its explicit lifetime is zero"
    OUTLIVED = "it was fresh, and its lifetime has passed"
    NO_LIFETIME = "nothing says how long it is fresh"


_AGED: Final = (Reading.FRESH, Reading.HEURISTIC, Reading.OLD_ON_ARRIVAL, Reading.OUTLIVED)
"""The conclusions for which the age of the response matters."""


@dataclass(frozen=True)
class Freshness:
    """The conclusion on whether a response may be stored and reused, according to RFC 9111.

    ``lifetime`` is the freshness lifetime in seconds, and ``left`` is the part of it that remains
    when the response arrives. ``headers`` contains the header fields after the user's override has
    been applied. ``sent`` contains the original fields if there is an override; otherwise, it is
    None. ``why_not`` is the reason why the response must not be stored, or None if it may be.
    """

    reading: Reading
    headers: Headers
    lifetime: float
    left: float
    why_not: str | None = None
    sent: Headers | None = None

    @property
    def is_reusable(self) -> bool:
        """Whether the response may be reused without another request."""
        return self.reading in (Reading.FRESH, Reading.HEURISTIC)

    @property
    def has_validator(self) -> bool:
        """Whether the response can be revalidated (RFC 9110 8.8)."""
        return "ETag" in self.headers or "Last-Modified" in self.headers

    @property
    def decider(self) -> str:
        """The header fields that led to the conclusion: ``cache-control: max-age=600, age: 3``."""
        age = _age(self.reading, self.headers)
        if self.sent is None:
            return ", ".join([*_deciding_fields(self.headers, self.why_not), *age])
        override = self.headers.get("Cache-Control")
        replaced = ", ".join(_deciding_fields(self.sent))
        return ", ".join([f"the project's override {override!r}, in place of {replaced}", *age])


def freshness_of(exchange: Exchange, now: float, override: str | None = None) -> Freshness:
    """Evaluate a response at the time ``now``, after applying the user's Cache-Control override."""
    headers = apply_override(exchange.status or 0, exchange.response_headers, override)
    request = Request(exchange.method, exchange.url, exchange.request_headers)
    stored = StoredResponse(exchange.url, exchange.status or 0, headers, exchange.at, exchange.at)
    # As RFC 9111 permits: most installers have no upper bound for the heuristic lifetime.
    lifetime = freshness_lifetime(stored, math.inf)
    left = lifetime - current_age(stored, exchange.at)
    why_not = why_not_stored(request, exchange.status or 0, headers)
    is_outlived = lifetime <= current_age(stored, now)
    reading = _reading(headers, lifetime, left, why_not is not None, is_outlived)
    sent = None if override is None else exchange.response_headers
    return Freshness(reading, headers, lifetime, left, why_not, sent)


def _reading(
    headers: Headers, lifetime: float, left: float, is_refused: bool, is_outlived: bool
) -> Reading:
    directives = Directives.of(headers)
    is_explicit = "max-age" in directives or "Expires" in headers
    if is_refused:
        return Reading.NOT_STORED
    if directives.is_unqualified("no-cache"):
        return Reading.ASK_FIRST
    if lifetime <= 0:
        return Reading.ZERO if is_explicit else Reading.NO_LIFETIME
    if left <= 0:
        return Reading.OLD_ON_ARRIVAL
    if is_outlived:
        return Reading.OUTLIVED
    return Reading.FRESH if is_explicit else Reading.HEURISTIC


def override_of(scenario: Scenario, exchange: Exchange) -> str | None:
    """Return the user's override for the Cache-Control field of a response, or None."""
    override = scenario.cache_control.get(exchange.subject.index or "")
    if override is None:
        return None
    is_file = exchange.subject.kind in (Kind.WHEEL, Kind.SDIST)
    return override.files if is_file else override.pages


def _deciding_fields(headers: Headers, why_not: str | None = None) -> list[str]:
    """Return the header fields that determine storage and lifetime, as they were sent.

    ``why_not`` is the reason why the response must not be stored. Fields that
    another field overrides are omitted. ``no-store`` (RFC 9111 §5.2.2.5) and ``no-cache``
    (§5.2.2.4) override all other fields, ``max-age`` overrides Expires (§5.3), and Cache-Control
    overrides Pragma (§5.4).
    """
    directives = Directives.of(headers)
    if why_not == VARIES_ON_EVERYTHING:
        return [f"vary: {headers.get('vary')}"]
    if "cache-control" not in headers:
        sent = [f"{name}: {headers.get(name)}" for name in ("expires", "pragma") if name in headers]
        return ["no cache-control", *sent]
    fields = [f"cache-control: {headers.get('cache-control')}"]
    forbids_storing = "no-store" in directives and "must-understand" not in directives
    is_overruled = forbids_storing or directives.is_unqualified("no-cache")
    if "expires" in headers and not is_overruled and "max-age" not in directives:
        fields.append(f"expires: {headers.get('expires')}")
    return fields


def _age(reading: Reading, headers: Headers) -> list[str]:
    """Return the Age field in a list, or an empty list if age does not matter (RFC 9111 4.2)."""
    return [f"age: {headers.get('age')}"] if reading in _AGED and "age" in headers else []
