"""Responses: which are stored, which a request selects, and which are invalidated."""

from __future__ import annotations

import pytest

from pytest_indexcache.messages import Headers, http_date
from pytest_indexcache.reference.http_cache.rules.cache_policy import (
    invalidated_urls,
    is_selected,
    selecting_fields,
    storable_headers,
    why_not_stored,
)

from .values import LATER, NOW, URL, request, stored

# -- storing (3) -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "fields"),
    [
        (200, []),
        (200, [("ETag", '"a"')]),
        (200, [("Cache-Control", "max-age=600, public")]),
        (200, [("Cache-Control", "private, max-age=600")]),
        (200, [("Cache-Control", 'private="set-cookie"')]),
        (200, [("Cache-Control", "no-cache")]),
        (200, [("Cache-Control", "max-age=0, must-revalidate")]),
        (200, [("Cache-Control", "max-age=oops, foobar")]),
        (200, [("Cache-Control", "no-store, must-understand")]),
        (200, [("Cache-Control", 'extension="no-store"')]),
        (200, [("Vary", "Accept, Accept-Encoding")]),
        (200, [("Set-Cookie", "a=b")]),
        (404, []),
        (301, []),
        (206, []),
        (302, [("Cache-Control", "max-age=600")]),
        (302, [("Expires", LATER)]),
        (503, [("Cache-Control", "max-age=5")]),
        (599, [("Cache-Control", "max-age=600")]),
        (599, [("Cache-Control", "private")]),
        (599, [("Cache-Control", "public")]),
    ],
)
def test_a_private_cache_stores_what_nothing_forbids(
    status: int, fields: list[tuple[str, str]]
) -> None:
    """A response is stored if its status is heuristically cacheable or a field permits it."""
    assert why_not_stored(request(), status, Headers(tuple(fields))) is None


@pytest.mark.parametrize(
    ("status", "fields", "reason"),
    [
        (200, [("Cache-Control", "no-store")], "no-store"),
        (200, [("Cache-Control", "No-StOrE")], "no-store"),
        (200, [("Cache-Control", "max-age=600"), ("Cache-Control", "no-store")], "no-store"),
        (200, [("Cache-Control", "no-cache,no-store,must-revalidate")], "no-store"),
        (200, [("Cache-Control", "no-store"), ("Expires", LATER)], "no-store"),
        (200, [("Cache-Control", "max-age=600"), ("Vary", "*")], "varies on everything"),
        (200, [("Cache-Control", "max-age=600"), ("Vary", "Accept, *")], "varies on everything"),
        (200, [("Vary", ""), ("Vary", "*")], "varies on everything"),
        (599, [("Cache-Control", "max-age=600, no-store, must-understand")], "not understood"),
        (599, [("Cache-Control", "max-age=600, must-understand")], "not understood"),
        (302, [], "nothing says"),
        (403, [("Last-Modified", LATER)], "nothing says"),
        (503, [("Cache-Control", "s-maxage=600")], "nothing says"),
        (304, [("Cache-Control", "max-age=600")], "not understood"),
        (103, [("Cache-Control", "max-age=600")], "not final"),
    ],
)
def test_a_response_is_not_stored_and_the_reason_is_told(
    status: int, fields: list[tuple[str, str]], reason: str
) -> None:
    """If a response must not be stored, the reason is returned."""
    told = why_not_stored(request(), status, Headers(tuple(fields)))
    assert told is not None
    assert reason in told


def test_a_request_can_forbid_storing() -> None:
    """no-store in a request prevents storing its response (5.2.1.5)."""
    told = why_not_stored(request(control="no-store"), 200, Headers.of({"Expires": LATER}))
    assert told == "the request said no-store"


@pytest.mark.parametrize("control", ["max-age=600", "private, max-age=600", ""])
def test_credentials_do_not_keep_a_private_cache_from_storing(control: str) -> None:
    """Authorization does not prevent a private cache from storing (3.5)."""
    asked = request(("Authorization", "Basic dTpw"))
    assert why_not_stored(asked, 200, Headers.of({"Cache-Control": control})) is None


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS", "M-SEARCH", "POST"])
def test_responses_to_other_methods_are_not_stored(method: str) -> None:
    """Only responses to GET, and some responses to POST, are stored."""
    headers = Headers.of({"Cache-Control": "max-age=600"})
    assert why_not_stored(request(method=method), 200, headers) is not None


@pytest.mark.parametrize(
    ("fields", "is_stored"),
    [
        ({"Cache-Control": "max-age=600", "Content-Location": "/whl/cpu/torch/"}, True),
        ({"Expires": LATER, "Content-Location": URL}, True),
        ({"Cache-Control": "max-age=600", "Content-Location": "/elsewhere/"}, False),
        ({"Cache-Control": "max-age=600", "Content-Location": "http://["}, False),
        ({"Cache-Control": "max-age=600"}, False),
        ({"Content-Location": URL}, False),
    ],
)
def test_a_post_is_stored_if_it_is_its_targets_representation(
    fields: dict[str, str], is_stored: bool
) -> None:
    """A response to POST is stored if it is fresh and has its own Content-Location (9110 9.3.3)."""
    told = why_not_stored(request(method="POST"), 200, Headers.of(fields))
    assert (told is None) is is_stored


def test_fields_of_the_connection_are_not_stored() -> None:
    """Connection and proxy fields are not stored, but unknown fields are (3.1)."""
    received = Headers.of(
        {
            "Date": http_date(NOW),
            "Connection": "a, B",
            "A": "1",
            "b": "2",
            "Keep-Alive": "timeout=2",
            "Proxy-Authenticate": "Basic",
            "Proxy-Authentication-Info": "x",
            "Proxy-Authorization": "y",
            "Proxy-Connection": "z",
            "TE": "trailers",
            "Transfer-Encoding": "chunked",
            "Upgrade": "h2c",
            "X-Unknown": "kept",
            "Set-Cookie": "kept=too",
        }
    )
    kept = {name for name, _ in storable_headers(received, NOW)}
    assert kept == {"Date", "X-Unknown", "Set-Cookie"}


def test_a_response_without_date_gets_one() -> None:
    """A response without Date gets its time of arrival as Date (RFC 9110 6.6.1)."""
    assert storable_headers(Headers(), NOW).get("Date") == http_date(NOW)


# -- Vary (4.1) ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("vary", "first", "second", "matches"),
    [
        ("Accept", [("Accept", "text/html")], [("Accept", "text/html")], True),
        ("Accept", [("Accept", "text/html")], [("Accept", "application/json")], False),
        ("accept", [("ACCEPT", "text/html")], [("aCCept", "text/html")], True),
        ("Foo", [("Foo", "1")], [("Foo", "1"), ("Other", "2")], True),
        ("Foo", [("Foo", "1")], [], False),
        ("Foo", [], [("Foo", "1")], False),
        ("Foo", [], [], True),
        ("Foo", [("Foo", "")], [], False),
        ("Foo, Bar", [("Foo", "1"), ("Bar", "2")], [("Bar", "2"), ("Foo", "1")], True),
        ("Foo, Bar", [("Foo", "1"), ("Bar", "2")], [("Foo", "1"), ("Bar", "3")], False),
        ("Foo", [("Foo", "1, 2")], [("Foo", "1"), ("Foo", "2")], True),
        ("Foo", [("Foo", "1,2")], [("Foo", " 1 ,  2 ")], True),
        ("Foo", [("Foo", "1, 2")], [("Foo", "2, 1")], False),
        ("Foo", [("Foo", "a")], [("Foo", "A")], False),
        ("Accept-Language", [("Accept-Language", "en, de")],
         [("Accept-Language", "De,en")], True),
        ("Accept-Encoding", [("Accept-Encoding", "gzip;q=1, br")],
         [("Accept-Encoding", "br, gzip; q=1")], True),
        ("Accept-Language", [("Accept-Language", "en, de")],
         [("Accept-Language", "de")], False),
    ],
)  # fmt: skip
def test_a_request_selects_a_response_by_the_fields_of_its_vary(
    vary: str, first: list[tuple[str, str]], second: list[tuple[str, str]], matches: bool
) -> None:
    """Fields listed in Vary match even if whitespace and line splitting differ."""
    response = stored(selecting=selecting_fields(request(*first), Headers.of({"Vary": vary})))
    assert is_selected(request(*second), response) is matches


def test_a_response_without_vary_is_selected_by_any_request() -> None:
    """A stored response without Vary matches any request."""
    assert is_selected(request(("Accept", "x")), stored())


def test_a_star_selects_nothing() -> None:
    """No request selects a response with ``Vary: *``."""
    response = stored(selecting=selecting_fields(request(), Headers.of({"Vary": "*"})))
    assert not is_selected(request(), response)


@pytest.mark.parametrize("name", ["Authorization", "Cookie"])
def test_secrets_are_told_apart_and_not_kept(name: str) -> None:
    """A secret request field that Vary lists is compared without being stored."""
    headers = Headers.of({"Vary": name})
    response = stored(selecting=selecting_fields(request((name, "top secret")), headers))
    assert is_selected(request((name, "top secret")), response)
    assert not is_selected(request((name, "another")), response)
    assert not is_selected(request(), response)
    assert "top secret" not in repr(response.selecting)


# -- invalidation (4.4) ----------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "M-SEARCH", "FOO"])
@pytest.mark.parametrize("status", [200, 201, 204, 303])
def test_an_unsafe_method_invalidates_its_target(method: str, status: int) -> None:
    """A successful request with an unsafe method invalidates its target."""
    assert invalidated_urls(request(method=method), status, Headers()) == (URL,)


@pytest.mark.parametrize(
    ("method", "status"),
    [("GET", 200), ("HEAD", 200), ("OPTIONS", 200), ("TRACE", 200), ("POST", 404), ("PUT", 500)],
)
def test_safe_methods_and_failures_invalidate_nothing(method: str, status: int) -> None:
    """Safe methods and failed requests do not invalidate stored responses."""
    headers = Headers.of({"Location": URL})
    assert invalidated_urls(request(method=method), status, headers) == ()


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/whl/cpu/numpy/", "https://download.pytorch.org/whl/cpu/numpy/"),
        ("../numpy/", "https://download.pytorch.org/whl/cpu/numpy/"),
        ("https://DOWNLOAD.pytorch.org:443/x", "https://DOWNLOAD.pytorch.org:443/x"),
        ("https://pypi.org/simple/", None),
        ("http://download.pytorch.org/x", None),
        ("https://download.pytorch.org:8443/x", None),
        ("http://[", None),
        ("https://download.pytorch.org:port/", None),
    ],
)
@pytest.mark.parametrize("name", ["Location", "Content-Location"])
def test_other_urls_are_invalidated_on_the_same_origin_alone(
    name: str, location: str, url: str | None
) -> None:
    """The URL in Location or Content-Location is invalidated only if its origin is the same."""
    found = invalidated_urls(request(method="POST"), 201, Headers.of({name: location}))
    assert found == ((URL,) if url is None else (URL, url))
