"""A later index is asked for a project only if all earlier indexes lack the project."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from pytest_indexcache.errors import IndexResponseError, ReferenceInstallerError, UnsatisfiableError
from pytest_indexcache.index.inprocess import mount

from .workplace import CPU, TABLES, Workplace, make_workplace

OWN = "https://own.example/simple"
LOGIN = (
    b'<html><form action="/login"><input name="user"></form><a href="/forgot">Forgot?</a></html>'
)
EMPTY = b'{"meta": {"api-version": "1.1"}, "name": "lib", "files": []}'
JSON = "application/vnd.pypi.simple.v1+json"


class _FirstIndex(httpx.BaseTransport):
    """The indexes of a workplace; one host gives the same answer to every request."""

    def __init__(self, place: Workplace, host: str, answer: httpx.Response) -> None:
        self._real = mount(place.indexes, record=place.ledger.append, clock=lambda: place.now)
        self._host, self._answer = host, answer

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Give the fixed answer for that host, and pass other requests to the other indexes."""
        return (
            self._answer if request.url.host == self._host else self._real.handle_request(request)
        )


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    """Make a workplace with an additional index, whose answers a test sets."""
    return make_workplace(tmp_path, {**TABLES, "own": {"url": OWN, "packages": {}}})


def install(place: Workplace, first: str, status: int, kind: str, body: bytes) -> dict[str, str]:
    """Install lib, which only the last index has, while the first index gives this answer."""
    answer = httpx.Response(status, headers={"Content-Type": kind}, content=body)
    transport = _FirstIndex(place, httpx.URL(first).host, answer)
    place.do("install", requirements=["lib"], extra_index_url=[first], transport=transport)
    return place.installed()


@pytest.mark.parametrize(
    ("status", "kind", "body", "error"),
    [
        (401, "text/html", LOGIN, IndexResponseError),
        (403, "text/html", b"", IndexResponseError),
        (410, "text/html", b"", UnsatisfiableError),
        (500, "text/html", b"", IndexResponseError),
        (204, "text/html", b"", IndexResponseError),
        (200, "text/html", b"", UnsatisfiableError),
        (200, "text/html", LOGIN, UnsatisfiableError),
        (200, "text/plain", b"welcome", UnsatisfiableError),
        (200, JSON, EMPTY, UnsatisfiableError),
        (200, JSON, b"{}", IndexResponseError),
    ],
)
def test_no_later_index_stands_in_for_one_that_does_not_say_404(
    place: Workplace, status: int, kind: str, body: bytes, error: type[ReferenceInstallerError]
) -> None:
    """After an error, an empty page or a 401 from an index, the next index is not asked."""
    with pytest.raises(error):
        install(place, OWN, status, kind, body)
    assert place.installed() == {}


@pytest.mark.parametrize(("first", "status"), [(OWN, 404), (CPU, 404), (CPU, 403)])
def test_a_later_index_is_asked_where_one_does_not_have_the_project(
    place: Workplace, first: str, status: int
) -> None:
    """After a 404, or a 403 of download.pytorch.org, the next index is asked."""
    assert install(place, first, status, "text/html", b"") == {"lib": "1.5"}
