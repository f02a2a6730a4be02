"""Redirects of unknown projects, which lead to another index in a capture."""

from __future__ import annotations

import pytest

from pytest_indexcache.drafts.captures.indexes.fallbacks import fallback_url, with_fallbacks
from pytest_indexcache.drafts.captures.indexes.page_entries import LinkedFile, SeenPage
from pytest_indexcache.drafts.captures.indexes.seen import CapturedIndex, SeenResponse
from pytest_indexcache.messages import Headers, Kind, Subject

OWN = CapturedIndex("main", "https://a.example/simple", is_default=True)
PAGE = Subject(Kind.PAGE, "main", "six")
FILE = "six-1.0-py3-none-any.whl"


def _redirect(location: str, status: int = 303, subject: Subject = PAGE) -> SeenResponse:
    fields = Headers.of({"Location": location})
    url = "https://a.example/simple/six/"
    return SeenResponse("GET", url, Headers.of({}), status, fields, subject)


@pytest.mark.parametrize(
    ("response", "url"),
    [
        (_redirect("https://pypi.org/simple/six/"), "https://pypi.org/simple/"),
        (_redirect("https://pypi.org/simple/Six"), "https://pypi.org/simple/"),
        (_redirect("https://pypi.org/simple/six/?a=b"), "https://pypi.org/simple/"),
        (_redirect("/simple/six/"), ""),
        (_redirect("https://login.example/form"), ""),
        (_redirect("https://pypi.org/simple/six/", 200), ""),
        (_redirect(f"https://b.example/{FILE}", 302, Subject(Kind.WHEEL, "main", "six", FILE)), ""),
    ],
)
def test_redirect_to_another_index(response: SeenResponse, url: str) -> None:
    """Only a redirect of a page to the same project's page at another host leads to an index."""
    assert fallback_url(response) == url


def test_responses_belong_to_the_index_with_the_page() -> None:
    """Pages and files behind a redirect belong to the index to which the redirect leads."""
    entry = LinkedFile("six", "1.0", FILE, f"https://f.example/{FILE}", FILE)
    none, other = Headers.of({}), Subject(Kind.OTHER, "main")
    wheel = Subject(Kind.WHEEL, "main", "six", FILE)
    page = SeenPage(True, "1.0", (entry,))
    responses = [
        _redirect("https://pypi.org/simple/six/"),
        SeenResponse("GET", "https://pypi.org/simple/six/", none, 200, none, other, page),
        SeenResponse("GET", f"https://f.example/{FILE}", none, 200, none, wheel),
    ]
    used = CapturedIndex("fallback1", "https://b.example/simple")
    first, _, added = with_fallbacks([OWN, used], responses)
    assert [each.status for each in first.responses] == [303]
    assert (added.index.name, added.index.url) == ("fallback2", "https://pypi.org/simple")
    assert [each.subject.kind for each in added.responses] == [Kind.PAGE, Kind.WHEEL]
    assert added.pages == {"six": page}


def test_index_that_is_known_is_not_added() -> None:
    """A redirect to an index that the project already names adds no index."""
    pypi = CapturedIndex("pypi", "https://pypi.org/simple/")
    redirect = _redirect("https://pypi.org/simple/six/")
    assert [each.index for each in with_fallbacks([OWN, pypi], [redirect])] == [OWN, pypi]
