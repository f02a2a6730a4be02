"""The reuse of stored responses, as directives and overrides permit."""

from __future__ import annotations

import pytest

from pytest_indexcache.messages import Headers
from pytest_indexcache.reference.http_cache.rules.cache_policy import (
    Reuse,
    apply_override,
    is_only_if_cached,
    judge_reuse,
    may_answer_disconnected,
    may_answer_failure,
    overridden,
    reused_headers,
    why_not_stored,
)

from .values import LATER, NOW, request, stored

# -- reuse (4, 5.2) --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "age", "asked", "reuse"),
    [
        # fresh and stale
        ("max-age=600", 10, None, Reuse.AS_IT_IS),
        ("max-age=600", 700, None, Reuse.AFTER_VALIDATION),
        ("max-age=0", 0, None, Reuse.AFTER_VALIDATION),
        ("private, max-age=600", 10, None, Reuse.AS_IT_IS),
        ("max-age=600, foobar", 10, None, Reuse.AS_IT_IS),
        # response directives
        ("max-age=600, no-cache", 10, None, Reuse.AFTER_VALIDATION),
        ('max-age=600, no-cache="set-cookie"', 10, None, Reuse.AS_IT_IS),
        ("max-age=600, must-revalidate", 10, None, Reuse.AS_IT_IS),
        ("max-age=600, must-revalidate", 700, None, Reuse.AFTER_VALIDATION),
        ("max-age=600, must-revalidate", 700, "max-stale", Reuse.AFTER_VALIDATION),
        ("max-age=600, proxy-revalidate", 700, "max-stale", Reuse.AS_IT_IS),
        ("max-age=600, s-maxage=1", 10, None, Reuse.AS_IT_IS),
        ("max-age=600, no-store", 10, None, Reuse.AFTER_VALIDATION),
        ("max-age=600, no-store, must-understand", 10, None, Reuse.AS_IT_IS),
        # request directives
        ("max-age=600", 10, "no-cache", Reuse.AFTER_VALIDATION),
        ("max-age=600", 10, "no-store", Reuse.AS_IT_IS),
        ("max-age=600", 10, "max-age=5", Reuse.AFTER_VALIDATION),
        ("max-age=600", 10, "max-age=10", Reuse.AS_IT_IS),
        ("max-age=600", 10, "max-age=0", Reuse.AFTER_VALIDATION),
        ("max-age=600", 10, "max-age=oops", Reuse.AS_IT_IS),
        ("max-age=600", 10, "min-fresh=590", Reuse.AS_IT_IS),
        ("max-age=600", 10, "min-fresh=591", Reuse.AFTER_VALIDATION),
        ("max-age=600", 10, "foobar", Reuse.AS_IT_IS),
        ("max-age=600", 700, "max-stale", Reuse.AS_IT_IS),
        ("max-age=600", 700, "max-stale=100", Reuse.AS_IT_IS),
        ("max-age=600", 700, "max-stale=99", Reuse.AFTER_VALIDATION),
        ("max-age=600", 700, "max-stale=oops", Reuse.AFTER_VALIDATION),
        ("max-age=600", 10, "only-if-cached", Reuse.AS_IT_IS),
        # RFC 8246: a reload does not revalidate what is immutable, a forced one does
        ("max-age=600, immutable", 10, "max-age=0", Reuse.AS_IT_IS),
        ("max-age=600, immutable", 10, "no-cache", Reuse.AFTER_VALIDATION),
        ("max-age=600, immutable", 700, None, Reuse.AFTER_VALIDATION),
        # RFC 5861
        ("max-age=600, stale-while-revalidate=100", 700, None, Reuse.WHILE_REVALIDATING),
        ("max-age=600, stale-while-revalidate=99", 700, None, Reuse.AFTER_VALIDATION),
        ("max-age=600, stale-while-revalidate", 700, None, Reuse.AFTER_VALIDATION),
        ("max-age=600, stale-while-revalidate=100", 700, "max-age=650", Reuse.AFTER_VALIDATION),
        ("max-age=600, must-revalidate, stale-while-revalidate=100", 700, None,
         Reuse.AFTER_VALIDATION),
    ],
)  # fmt: skip
def test_directives_decide_whether_a_stored_response_is_reused(
    said: str, age: float, asked: str | None, reuse: Reuse
) -> None:
    """Directives of request and response decide whether a fresh or stale response is reused."""
    assert judge_reuse(request(control=asked), stored(said, age=age), NOW) is reuse


def test_pragma_counts_only_without_cache_control() -> None:
    """Pragma: no-cache in a request applies only without Cache-Control (RFC 7234 5.4)."""
    response = stored("max-age=600")
    pragma = ("Pragma", "No-Cache")
    assert judge_reuse(request(pragma), response, NOW) is Reuse.AFTER_VALIDATION
    assert judge_reuse(request(pragma, control="max-age=60"), response, NOW) is Reuse.AS_IT_IS
    assert judge_reuse(request(("Pragma", "foo")), response, NOW) is Reuse.AS_IT_IS


def test_pragma_of_a_response_means_nothing() -> None:
    """Pragma in a response is ignored, because no RFC defines it there (5.4)."""
    response = stored("max-age=600", ("Pragma", "no-cache"))
    assert judge_reuse(request(), response, NOW) is Reuse.AS_IT_IS


@pytest.mark.parametrize(
    ("said", "asked", "age", "disconnected", "failure"),
    [
        ("max-age=600", None, 700, True, False),
        ("max-age=600, must-revalidate", None, 700, False, False),
        ("max-age=600, no-cache", None, 700, False, False),
        ('max-age=600, no-cache="a"', None, 700, True, False),
        ("max-age=600, stale-if-error=100", None, 700, True, True),
        ("max-age=600, stale-if-error=99", None, 700, True, False),
        ("max-age=600", "stale-if-error=100", 700, True, True),
        ("max-age=600, stale-if-error=100, must-revalidate", None, 700, False, False),
        ("no-store, stale-if-error=100", None, 0, False, False),
    ],
)
def test_a_stale_response_stands_in_only_where_that_is_permitted(
    said: str, asked: str | None, age: float, disconnected: bool, failure: bool
) -> None:
    """A stale response is used offline unless forbidden (4.2.4), and after errors if permitted."""
    response = stored(said, age=age)
    assert may_answer_disconnected(response) is disconnected
    assert may_answer_failure(request(control=asked), response, NOW) is failure


def test_only_if_cached_is_seen() -> None:
    """The directive only-if-cached in a request is recognised (5.2.1.7)."""
    assert is_only_if_cached(request(control="only-if-cached"))
    assert not is_only_if_cached(request())


def test_a_reused_response_tells_its_age() -> None:
    """A reused response has an Age in whole seconds, which replaces the stored Age (4)."""
    headers = reused_headers(stored("max-age=600", ("Age", "30"), age=12.9), NOW)
    assert headers.get_all("Age") == ("42",)


def test_fields_of_a_qualified_no_cache_are_sent_only_after_validation() -> None:
    """Fields that a qualified no-cache lists are sent only after validation (5.2.2.4)."""
    response = stored('max-age=600, no-cache="a, B"', ("A", "1"), ("b", "2"), ("C", "3"))
    assert {"A", "b", "C"} & {n for n, _ in reused_headers(response, NOW)} == {"C"}
    validated = reused_headers(response, NOW, validated=True)
    assert {"A", "b", "C"} <= {n for n, _ in validated}


# -- overrides -------------------------------------------------------------------------------------

NVIDIA = Headers.of(
    {"Cache-Control": "max-age=0, no-cache, no-store", "Pragma": "no-cache", "Expires": LATER}
)


def test_an_override_replaces_the_cache_control_of_the_response() -> None:
    """An override replaces Cache-Control, Pragma and Expires of the response."""
    judged = apply_override(200, NVIDIA, "max-age=365000000, immutable")
    assert judged.get("Cache-Control") == "max-age=365000000, immutable"
    assert "Expires" not in judged
    assert "Pragma" not in judged
    assert why_not_stored(request(), 200, NVIDIA) is not None
    assert why_not_stored(request(), 200, judged) is None


@pytest.mark.parametrize("status", [302, 403, 404, 500, 503])
def test_an_override_does_not_reach_redirects_and_errors(status: int) -> None:
    """An override does not apply to redirects and error responses."""
    assert apply_override(status, NVIDIA, "max-age=365000000") is NVIDIA


def test_an_override_decides_about_what_is_stored_already() -> None:
    """An override makes a stored response fresh only while the override is configured."""
    response = stored("max-age=0", ("Pragma", "no-cache"), age=1000)
    judged = overridden(response, "max-age=3600")
    assert judge_reuse(request(), judged, NOW) is Reuse.AS_IT_IS
    assert judge_reuse(request(), overridden(response, None), NOW) is Reuse.AFTER_VALIDATION
    assert overridden(response, None) is response


def test_an_override_can_forbid_storing() -> None:
    """An override with no-store prevents storing, like no-store in the response."""
    judged = apply_override(200, Headers.of({"Cache-Control": "max-age=600"}), "no-store")
    assert why_not_stored(request(), 200, judged) == "the response said no-store"
