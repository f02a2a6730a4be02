"""Freshness lifetime and age (RFC 9111 4.2)."""

from __future__ import annotations

import pytest

from pytest_indexcache.messages import Headers, http_date
from pytest_indexcache.reference.http_cache.rules.cache_freshness import (
    StoredResponse,
    current_age,
    freshness_lifetime,
    is_fresh,
    staleness,
)

NOW = 1_700_000_000.0
DAY = 86_400.0


def stored(
    *fields: tuple[str, str], status: int = 200, delay: float = 0.0, date: float | None = 0.0
) -> StoredResponse:
    """Return a response that arrived at NOW, ``delay`` after its request, with Date NOW + date."""
    headers = Headers(fields)
    if date is not None:
        headers = headers.setdefault("Date", http_date(NOW + date))
    return StoredResponse("https://pypi.org/simple/torch/", status, headers, NOW - delay, NOW)


def at(seconds: float) -> str:
    """Return the HTTP date ``seconds`` after NOW."""
    return http_date(NOW + seconds)


@pytest.mark.parametrize(
    ("fields", "lifetime"),
    [
        ([("Cache-Control", "max-age=600")], 600),
        ([("Cache-Control", "max-age=600"), ("Expires", at(-DAY))], 600),
        ([("Cache-Control", "max-age=0"), ("Expires", at(DAY))], 0),
        ([("Cache-Control", "max-age=600"), ("Expires", "0")], 600),
        ([("Cache-Control", "s-maxage=10, max-age=600")], 600),
        ([("Cache-Control", "s-maxage=600")], 0),
        ([("Cache-Control", "max-age=oops"), ("Expires", at(DAY))], 0),
        ([("Cache-Control", "max-age=600"), ("Cache-Control", "max-age=5")], 600),
        ([("Expires", at(300))], 300),
        ([("Expires", at(0))], 0),
        ([("Expires", at(-300))], 0),
        ([("Expires", "0")], 0),
        ([("Expires", "soon")], 0),
        ([("Expires", at(300)), ("Expires", at(400))], 0),
        ([("Expires", "-1"), ("Last-Modified", at(-100 * DAY))], 0),
        ([("Expires", at(300)), ("Date", "foo")], 300),
        ([("Last-Modified", at(-1000))], 100),
        ([("Last-Modified", at(-10 * DAY))], 600),
        ([("Last-Modified", at(-3650 * DAY))], 600),
        ([("Last-Modified", at(DAY))], 0),
        ([("Last-Modified", "long ago")], 0),
        ([], 0),
    ],
)
def test_the_lifetime_comes_from_the_first_that_speaks(
    fields: list[tuple[str, str]], lifetime: float
) -> None:
    """The lifetime comes from max-age, then Expires, then a tenth of Last-Modified's age."""
    assert freshness_lifetime(stored(*fields)) == pytest.approx(lifetime)


@pytest.mark.parametrize(
    ("status", "control", "is_guessed"),
    [
        (200, "", True),
        (203, "", True),
        (404, "", True),
        (410, "", True),
        (501, "", True),
        (201, "", False),
        (302, "", False),
        (403, "", False),
        (503, "", False),
        (599, "", False),
        (599, "public", True),
        (403, "public", True),
        (599, "private", False),
    ],
)
def test_a_heuristic_needs_a_status_that_allows_it_or_public(
    status: int, control: str, is_guessed: bool
) -> None:
    """A heuristic lifetime needs a heuristically cacheable status or the directive public."""
    response = stored(("Cache-Control", control), ("Last-Modified", at(-10 * DAY)), status=status)
    assert (freshness_lifetime(response) > 0) is is_guessed


@pytest.mark.parametrize(
    ("fields", "date", "delay", "later", "age"),
    [
        ([], 0, 0, 0, 0),
        ([], 0, 0, 30, 30),
        ([], -20, 0, 30, 50),
        ([], 20, 0, 30, 30),
        ([("Age", "100")], 0, 0, 30, 130),
        ([("Age", "100")], -500, 0, 30, 530),
        ([("Age", "100")], 0, 5, 30, 135),
        ([("Age", "7200, 0")], 0, 0, 0, 7200),
        ([("Age", "0, 7200")], 0, 0, 0, 0),
        ([("Age", "7200"), ("Age", "0")], 0, 0, 0, 7200),
        ([("Age", "abc")], 0, 0, 0, 0),
        ([("Age", "-100")], 0, 0, 0, 0),
        ([("Age", "7200.0")], 0, 0, 0, 0),
        ([("Age", "99999999999")], 0, 0, 0, 2**31),
        ([("Age", "")], 0, 0, 30, 30),
    ],
)
def test_the_age_counts_what_other_caches_and_the_way_took(
    fields: list[tuple[str, str]], date: float, delay: float, later: float, age: float
) -> None:
    """The age is the larger of apparent age and Age plus delay, plus the resident time."""
    response = stored(*fields, date=date, delay=delay)
    assert current_age(response, NOW + later) == pytest.approx(age)


def test_a_response_without_date_was_made_when_it_came() -> None:
    """The apparent age of a response without a valid Date is 0 (RFC 9110 6.6.1)."""
    assert current_age(stored(date=None), NOW + 5) == 5
    assert current_age(stored(("Date", "foo")), NOW + 5) == 5


def test_a_clock_that_was_set_back_makes_nothing_younger() -> None:
    """If the clock was set back, the resident time of a response is 0, not negative."""
    assert current_age(stored(("Age", "10")), NOW - 100) == 10


@pytest.mark.parametrize(("later", "fresh"), [(0, True), (599, True), (600, False), (601, False)])
def test_a_response_is_fresh_while_its_lifetime_exceeds_its_age(later: float, fresh: bool) -> None:
    """A response whose age equals its freshness lifetime is stale."""
    response = stored(("Cache-Control", "max-age=600"))
    assert is_fresh(response, NOW + later) is fresh
    assert staleness(response, NOW + later) == pytest.approx(later - 600)


def test_an_age_beyond_the_lifetime_is_stale_on_arrival() -> None:
    """A response whose Age exceeds its lifetime is stale on arrival."""
    assert not is_fresh(stored(("Cache-Control", "max-age=3600"), ("Age", "7200")), NOW)
