"""The negotiation of format and coding of a page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_indexcache.index.offers.negotiation import accepts_gzip, choose_media_type
from pytest_indexcache.messages import HTML, HTML_V1, JSON_V1

OFFERED = (HTML, HTML_V1, JSON_V1)
PIP = f"{JSON_V1}, {HTML_V1}; q=0.1, text/html; q=0.01"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, HTML),
        ("", HTML),
        ("*/*", HTML),
        ("text/html", HTML),
        ("text/*", HTML),
        ("TEXT/HTML", HTML),
        (PIP, JSON_V1),
        (f"{HTML_V1}", HTML_V1),
        (f"{HTML_V1};q=0.2, text/html;q=0.01", HTML_V1),
        (f"text/html, {JSON_V1}", HTML),
        (f"text/html;q=0.5, {JSON_V1};q=0.50", HTML),
        (f"text/html;q=0.5, {JSON_V1};q=0.501", JSON_V1),
        ("application/*", HTML_V1),
        (f"*/*, {HTML};q=0, {HTML_V1};q=0", JSON_V1),
        ("*/*;q=0.1, application/*;q=0", HTML),
        ("application/vnd.pypi.simple.latest+json", JSON_V1),
        ("application/vnd.pypi.simple.latest+html", HTML_V1),
        (f"application/vnd.pypi.simple.latest+json, {JSON_V1};q=0.1", JSON_V1),
        ("text/html; charset=utf-8; q=0.5", HTML),
        ("text/html;q=nonsense", HTML),
        (", ,text/html,,", HTML),
        ("application/vnd.pypi.simple.v2+json", None),
        ("application/json", None),
        ("text/html;q=0", None),
        ("*/*;q=0.000", None),
    ],
)
def test_media_type_is_chosen_by_weight_and_specificity(
    accept: str | None, expected: str | None
) -> None:
    """The offered format with the highest weight is sent, and HTML by default (PEP 691)."""
    assert choose_media_type(accept, OFFERED) == expected


MEDIA = st.sampled_from([*OFFERED, "*/*", "text/*", "application/*", "image/png"])
WEIGHTS = st.integers(0, 1000)


@given(st.dictionaries(MEDIA, WEIGHTS, min_size=1))
def test_nothing_is_sent_that_is_refused_and_nothing_heavier_is_left(
    accepted: dict[str, int],
) -> None:
    """The chosen format is acceptable, and no other offered format has a higher weight."""
    field = ", ".join(f"{name};q={weight / 1000:.3f}" for name, weight in accepted.items())

    def weight(name: str) -> int:
        for key in (name, f"{name.split('/', maxsplit=1)[0]}/*", "*/*"):
            if key in accepted:
                return accepted[key]
        return 0

    chosen = choose_media_type(field, OFFERED)
    best = max(weight(name) for name in OFFERED)
    assert (chosen is None) == (best == 0)
    assert chosen is None or weight(chosen) == best


@given(st.text())
def test_any_accept_field_is_answered(field: str) -> None:
    """An invalid Accept field does not raise an error."""
    assert choose_media_type(field, OFFERED) in {*OFFERED, None}
    assert accepts_gzip(field) in {True, False}


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (None, False),
        ("", False),
        ("identity", False),
        ("gzip", True),
        ("gzip, deflate", True),
        ("GZIP;Q=0.5", True),
        ("x-gzip", True),
        ("br", False),
        ("*", True),
        ("*;q=0", False),
        ("gzip;q=0", False),
        ("gzip;q=0.0, *", False),
        ("gzip;q=0.5, identity", False),
        ("gzip;q=0.5, identity;q=0.5", True),
        ("identity;q=0.5, *;q=0", False),
    ],
)
def test_gzip_is_sent_where_it_is_acceptable_and_not_less_welcome(
    field: str | None, expected: bool
) -> None:
    """Gzip is sent if its weight is not lower than identity's (RFC 9110 12.5.3)."""
    assert accepts_gzip(field) is expected
