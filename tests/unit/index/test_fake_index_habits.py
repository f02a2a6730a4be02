"""An index's answers to HEAD, conditional, redirected and anonymous requests."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from pytest_indexcache.scenario.tables.changes import SetHeaders

from .asking import PYPI, ask, file_url, one_index

SIX: dict[str, Any] = {"six": {"1.17.0": {}}}
PAGE = f"{PYPI}/six/"
LOGIN = "https://login.example/simple"


def with_fields(**kinds: Any) -> dict[str, Any]:
    """Return an index with different header fields for each kind of answer."""
    choice = {name.replace("_", "-"): fields for name, fields in kinds.items()}
    return {"packages": SIX, "server": "pypi", "headers": choice}


@pytest.mark.parametrize("kind", ["page", "file", "metadata"])
def test_head_has_fields_of_its_own(kind: str) -> None:
    """Header fields can be missing or different in answers to HEAD only."""
    served = one_index(**with_fields(head={"accept-ranges": False, "X-Kind": "head"}))
    wheel = file_url(served, "six-1.17.0-py3-none-any.whl")
    url = {"page": PAGE, "file": wheel, "metadata": f"{wheel}.metadata"}[kind]
    get, head = ask(served, url), ask(served, url, method="HEAD")
    assert head.headers == get.headers.without("Accept-Ranges").set("X-Kind", "head")
    assert ask(served, url).headers == get.headers
    assert kind == "page" or "Accept-Ranges" in get.headers


@pytest.mark.parametrize("status", [400, 403, 404, 500, 501])
def test_head_alone_may_be_refused(status: int) -> None:
    """HEAD can be refused with any status while GET is answered."""
    served = one_index(packages=SIX, head=status)
    response = ask(served, PAGE, method="HEAD")
    assert (response.status, response.content.length) == (status, 0)
    assert "Allow" not in response.headers
    assert ask(served, PAGE).status == 200


@pytest.mark.parametrize("head", [False, 405])
def test_head_that_is_not_answered_is_405(head: bool | int) -> None:
    """A 405 contains the field Allow (RFC 9110 §15.5.6)."""
    response = ask(one_index(packages=SIX, head=head), PAGE, method="HEAD")
    assert (response.status, response.headers.get("Allow")) == (405, "GET")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"etag": False}, None),
        ({"ETag": '"other"'}, '"other"'),
        ({"etag": 'W/"$opaque"'}, 'W/"'),
    ],
)
def test_304_has_fields_of_its_own(fields: dict[str, Any], expected: str | None) -> None:
    """A 304 can lack the ETag of the page, or have another ETag than the 200."""
    served = one_index(**with_fields(not_modified=fields))
    etag = ask(served, PAGE).headers.get("ETag") or ""
    again = ask(served, PAGE, {"If-None-Match": etag})
    assert again.status == 304
    named = again.headers.get("ETag")
    assert named is None if expected is None else (named or "").startswith(expected)
    assert "Cache-Control" in again.headers
    assert ask(served, PAGE).headers.get("ETag") == etag


def test_304_may_have_what_its_server_does_not_repeat() -> None:
    """A header field can be added to the 304 of a server that repeats only Date."""
    headers = {"not-modified": {"last-modified": "$modified"}}
    served = one_index(server="nexus", packages=SIX, headers=headers)
    modified = ask(served, PAGE).headers.get("Last-Modified") or ""
    condition = {"If-Modified-Since": modified}
    assert ask(served, PAGE, condition).headers.get("Last-Modified") == modified
    change = {"do": "set-headers", "index": "main"}
    less = {"headers": {"not-modified": {"Last-Modified": False}}}
    served["main"].apply(SetHeaders.model_validate({**change, **less}))
    assert "Last-Modified" not in ask(served, PAGE, condition).headers


def test_redirects_have_fields_of_their_own() -> None:
    """Each kind of redirect can have its own header fields."""
    served = one_index(
        **with_fields(redirects={"cache-control": "max-age=600"}),
        pages={"moved": {"redirect": LOGIN, "headers": {"pages": {"Cache-Control": "no-cache"}}}},
        **{"unknown-redirect": LOGIN, "signed-urls": "https://blobs.example/"},
    )
    wheel = file_url(served, "six-1.17.0-py3-none-any.whl")
    for url in (f"{PYPI}/moved/", f"{PYPI}/none/", f"{PYPI}/six", f"{PYPI}/Six/", PYPI, wheel):
        response = ask(served, url)
        assert (response.status // 100, url) == (3, url)
        assert response.headers.get_all("Cache-Control") == ("max-age=600",)
    signed = ask(served, wheel).headers.get("Location") or ""
    assert ask(served, signed).headers.get("Cache-Control") != "max-age=600"


def authorization(user: str, password: str) -> dict[str, str]:
    """Return the Authorization header field of a user (RFC 7617)."""
    return {"Authorization": f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"}


def test_anonymous_requests_are_redirected_elsewhere() -> None:
    """A request without credentials is redirected, and a wrong password gets a 401."""
    served = one_index(
        "https://private.example/simple",
        packages=SIX,
        users={"ada": "secret"},
        answers={"redirect": 307},
        **{"anonymous-redirect": f"{LOGIN}/"},
    )
    page = "https://private.example/simple/six/"
    wheel = file_url(served, "six-1.17.0-py3-none-any.whl")
    for url in (page, wheel):
        response = ask(served, url)
        assert (response.status, response.headers.get("Location")) == (307, f"{LOGIN}/six/")
        assert ask(served, url, authorization("ada", "secret")).status == 200
        assert ask(served, url, authorization("ada", "wrong")).status == 401
    root = ask(served, "https://private.example/simple/")
    assert root.headers.get("Location") == f"{LOGIN}/"
