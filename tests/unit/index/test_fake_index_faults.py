"""Faults of an index: the requests to which they apply, and their effects."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from pytest_indexcache.errors import FakeIndexError
from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.messages import Delivery, Kind

from .asking import PYPI, ask, body, file_url, indexes, page
from .test_fake_index_changes import change

PAGE, OTHER_PAGE = f"{PYPI}/six/", f"{PYPI}/torch/"


@pytest.fixture
def served() -> FakeIndexes:
    """Return an index with two projects."""
    sdist = {"files": [{}, {"kind": "sdist"}]}
    table = {"url": PYPI, "packages": {"six": {"1": sdist}, "torch": {"2.0+cpu": {}}}}
    return indexes(main=table)


@pytest.fixture
def wheel(served: FakeIndexes) -> str:
    """Return the URL of a wheel."""
    return file_url(served, "six-1-py3-none-any.whl")


@pytest.fixture
def sdist(served: FakeIndexes) -> str:
    """Return the URL of an sdist."""
    return file_url(served, "six-1.tar.gz")


def fail(served: FakeIndexes, how: str, **keys: Any) -> None:
    """Add a fault."""
    change(served, "fail", how=how, **keys)


def test_status_is_sent_as_often_as_was_asked_for(served: FakeIndexes) -> None:
    """A fault with ``times = 2`` applies to two requests, which are in the ledger."""
    fail(served, "status", times=2)
    responses = [ask(served, PAGE) for _ in range(3)]
    assert [response.status for response in responses] == [503, 503, 200]
    assert [response.subject.fault for response in responses] == ["status", "status", None]
    assert responses[0].subject.kind is Kind.PAGE
    assert responses[0].subject.project == "six"


def test_fault_of_all_times_lasts(served: FakeIndexes) -> None:
    """With ``times = "all"`` every request fails."""
    fail(served, "status", status=429, times="all")
    assert [ask(served, PAGE).status for _ in range(5)] == [429] * 5


def test_fault_befalls_the_kind_and_the_project_it_is_meant_for(
    served: FakeIndexes, wheel: str, sdist: str
) -> None:
    """Requests of other kinds and projects get normal answers, and do not count for a fault."""
    fail(served, "status", kind="sdist")
    fail(served, "status", status=502, kind="page", project="torch")
    fail(served, "status", status=504, kind="metadata")
    assert [ask(served, url).status for url in (PAGE, wheel, sdist, sdist)] == [200, 200, 503, 200]
    assert [ask(served, url).status for url in (PAGE, OTHER_PAGE, OTHER_PAGE)] == [200, 502, 200]
    assert [ask(served, f"{wheel}.metadata").status for _ in range(2)] == [504, 200]


def test_faults_befall_one_after_the_other(served: FakeIndexes) -> None:
    """Faults apply in the order in which they were added."""
    fail(served, "status", status=500)
    fail(served, "status", status=502)
    assert [ask(served, PAGE).status for _ in range(3)] == [500, 502, 200]


def test_reset_drops_the_connection(served: FakeIndexes, wheel: str) -> None:
    """A reset closes the connection before the first byte of the response."""
    fail(served, "reset")
    response = ask(served, wheel)
    assert response.delivery == Delivery(drops="reset")
    assert (response.subject.fault, response.subject.kind) == ("reset", Kind.WHEEL)


def test_status_and_reset_befall_what_would_be_an_error_too(served: FakeIndexes) -> None:
    """A fault with a status also replaces the 404 of an unknown project."""
    fail(served, "status")
    assert [ask(served, f"{PYPI}/nix/").status for _ in range(2)] == [503, 404]


@pytest.mark.parametrize(("after", "expected"), [("10 B", 10), ("0 B", 0), ("1 GiB", None)])
def test_cut_body_lacks_a_byte_at_least(
    served: FakeIndexes, wheel: str, after: str, expected: int | None
) -> None:
    """A cut body is at least one byte shorter than its Content-Length."""
    fail(served, "cut", after=after)
    response = ask(served, wheel)
    assert response.status == 200
    assert response.headers.get("Content-Length") == str(response.content.length)
    length = response.content.length - 1 if expected is None else expected
    assert response.delivery == Delivery(cut_after=length)


def test_slow_response_waits(served: FakeIndexes, wheel: str) -> None:
    """A slow response waits before its first byte, and is otherwise normal."""
    fail(served, "slow", seconds=1.5)
    response = ask(served, wheel)
    assert (response.status, response.delivery) == (200, Delivery(delay=1.5))


def test_slow_response_may_wait_within_its_body(served: FakeIndexes, wheel: str) -> None:
    """A pause within the body comes after its first bytes, if the body is long enough."""
    fail(served, "slow", seconds=1.5, after="10 B")
    assert ask(served, wheel, method="HEAD").delivery == Delivery()
    response = ask(served, wheel)
    assert (response.status, response.delivery) == (200, Delivery(delay=1.5, pause_after=10))
    assert ask(served, wheel).delivery == Delivery()


def test_wrong_hash_is_all_that_is_wrong(served: FakeIndexes, wheel: str) -> None:
    """With ``wrong-hash``, the file is a different valid wheel of the same length."""
    good = ask(served, wheel)
    fail(served, "wrong-hash")
    bad = ask(served, wheel)
    assert bad.headers == good.headers
    assert len(body(bad)) == len(body(good))
    assert body(bad) != body(good)
    assert zipfile.ZipFile(io.BytesIO(body(bad))).testzip() is None
    assert body(ask(served, wheel)) == body(good)


@pytest.mark.parametrize("kind", ["sdist", "metadata"])
def test_wrong_hash_befalls_whatever_has_one(
    served: FakeIndexes, sdist: str, wheel: str, kind: str
) -> None:
    """``wrong-hash`` also applies to sdists and core metadata, but not to pages."""
    url = sdist if kind == "sdist" else f"{wheel}.metadata"
    good = ask(served, url)
    fail(served, "wrong-hash")
    assert ask(served, PAGE).subject.fault is None
    bad = ask(served, url)
    assert bad.subject.fault == "wrong-hash"
    assert (len(body(bad)), body(bad) == body(good)) == (len(body(good)), False)


def test_wrong_hash_holds_for_parts_too(served: FakeIndexes, wheel: str) -> None:
    """With ``wrong-hash``, a range is that part of the file with the wrong bytes."""
    fail(served, "wrong-hash", times=2)
    whole, part = ask(served, wheel), ask(served, wheel, {"Range": "bytes=5-200"})
    assert part.status == 206
    assert body(part) == body(whole)[5:201]


def test_wrong_length_is_a_byte_too_many(served: FakeIndexes, wheel: str) -> None:
    """With ``wrong-length``, a file is one byte longer than the page says."""
    good = ask(served, wheel)
    [size] = {f["size"] for f in page(served, PAGE)["files"] if f["filename"].endswith(".whl")}
    fail(served, "wrong-length")
    bad = ask(served, wheel)
    assert body(bad) == body(good) + b"\n"
    assert bad.headers.get("Content-Length") == str(size + 1)


@pytest.mark.parametrize(("kind", "what"), [("page", "a page"), ("json", "the JSON of a release")])
@pytest.mark.parametrize("how", ["wrong-hash", "wrong-length"])
def test_fault_that_no_page_can_have_is_refused(
    served: FakeIndexes, how: str, kind: str, what: str
) -> None:
    """A fault of hash or length is refused for pages, which have neither."""
    with pytest.raises(FakeIndexError, match=f"does not apply to {what}"):
        fail(served, how, kind=kind)


def test_not_modified_comes_to_whoever_did_not_ask(served: FakeIndexes, wheel: str) -> None:
    """``not-modified`` answers an unconditional request by a 304 without validators."""
    fail(served, "not-modified", times=2)
    for url in (PAGE, wheel):
        response = ask(served, url)
        assert (response.status, response.content.length) == (304, 0)
        assert "ETag" not in response.headers
        assert "Last-Modified" not in response.headers
        assert "Date" in response.headers
    assert ask(served, PAGE).status == 200


def test_ignored_range_waits_for_a_range(served: FakeIndexes, wheel: str) -> None:
    """``ignore-range`` applies only to range requests, which get the whole file."""
    fail(served, "ignore-range")
    whole = ask(served, wheel)
    ignored = ask(served, wheel, {"Range": "bytes=0-9"})
    assert (whole.subject.fault, ignored.subject.fault) == (None, "ignore-range")
    assert (ignored.status, body(ignored)) == (200, body(whole))
    assert ask(served, wheel, {"Range": "bytes=0-9"}).status == 206


@pytest.mark.parametrize("how", ["cut", "wrong-hash", "wrong-length"])
def test_fault_of_a_body_waits_for_a_body(served: FakeIndexes, wheel: str, how: str) -> None:
    """A fault of the body does not apply to an answer without a body: to HEAD, a 304 or a 404."""
    fail(served, how, kind="wheel")
    etag = ask(served, wheel, method="HEAD").headers.get("ETag") or ""
    assert ask(served, wheel, {"If-None-Match": etag}).subject.fault is None
    assert ask(served, f"{PYPI}/six/six-9-py3-none-any.whl").subject.fault is None
    assert ask(served, wheel).subject.fault == how


def test_reset_before_head_and_conditional_requests(served: FakeIndexes, wheel: str) -> None:
    """A reset applies to HEAD requests and to conditional requests."""
    fail(served, "reset")
    assert ask(served, wheel, method="HEAD").delivery.drops == "reset"


def test_status_304_has_no_body(served: FakeIndexes) -> None:
    """A status fault of 304 has no body."""
    fail(served, "status", status=304)
    response = ask(served, PAGE)
    assert (response.status, body(response)) == (304, b"")
    assert "Content-Type" not in response.headers


@pytest.mark.parametrize(
    ("how", "said", "part"),
    [
        ("first-range", "bytes 0-4/{}", slice(0, 5)),
        ("long-range", "bytes 10-{last}/{}", slice(10, None)),
        ("wrong-range", "bytes 11-15/{}", slice(10, 15)),
    ],
)
def test_a_range_may_be_answered_wrongly(
    served: FakeIndexes, wheel: str, how: str, said: str, part: slice
) -> None:
    """Faults of ranges give a different part of the file, or a wrong Content-Range."""
    fail(served, how)
    whole = body(ask(served, wheel))
    answer = ask(served, wheel, {"Range": "bytes=10-14"})
    assert (answer.status, answer.subject.fault) == (206, how)
    assert body(answer) == whole[part]
    expected = said.format(len(whole), last=len(whole) - 1)
    assert answer.headers.get("Content-Range") == expected
    assert answer.headers.get("Content-Length") == str(len(whole[part]))
    assert body(ask(served, wheel, {"Range": "bytes=10-14"})) == whole[10:15]


def test_a_close_ends_the_connection_without_an_answer(served: FakeIndexes, wheel: str) -> None:
    """A ``close`` sends no response, and is recorded differently from a reset."""
    fail(served, "close")
    assert ask(served, wheel).delivery == Delivery(drops="close")


@pytest.mark.parametrize(
    ("keys", "failed"),
    [
        ({"method": "HEAD"}, [False, True, False, False]),
        ({"file": "six-1.tar.gz"}, [False, False, True, False]),
        ({"file": "six-1-py3-none-any.whl"}, [True, True, False, True]),
        ({"version": "1.0"}, [True, True, True, True]),
        ({"version": "2.0+cpu"}, [False] * 4),
        ({"version": "1", "method": "GET", "kind": "wheel"}, [True, False, False, False]),
    ],
)
def test_a_fault_may_be_of_one_method_one_release_or_one_file(
    served: FakeIndexes, wheel: str, sdist: str, keys: dict[str, str], failed: list[bool]
) -> None:
    """A fault of one file applies to its metadata, too, but to no other file."""
    fail(served, "status", times="all", **keys)
    asked = [("GET", wheel), ("HEAD", wheel), ("GET", sdist), ("GET", f"{wheel}.metadata")]
    statuses = [ask(served, url, method=method).status for method, url in asked]
    assert [status == 503 for status in statuses] == failed
    assert ask(served, PAGE).status == 200


def test_a_page_is_of_no_release(served: FakeIndexes) -> None:
    """A fault of pages is refused if it names a release, because pages have none."""
    with pytest.raises(FakeIndexError, match="a page does not belong to a file or a release"):
        fail(served, "status", kind="page", version="1")


def test_stale_answers_are_those_before_the_last_change(served: FakeIndexes, wheel: str) -> None:
    """``stale`` gives the answer from before the last change once, and then the current answer."""
    with pytest.raises(FakeIndexError, match="nothing has changed yet"):
        fail(served, "stale")
    change(served, "publish", project="six", version="2")
    change(served, "delete", project="six", version="1")
    fail(served, "stale", times=2)
    assert b"six-1-py3" in body(ask(served, PAGE))
    assert ask(served, wheel).status == 200
    assert ask(served, wheel).status == 404


def test_a_stale_answer_is_for_users_alone_where_there_are_users(served: FakeIndexes) -> None:
    """A stale answer of a private index is sent only with valid credentials."""
    change(served, "publish", project="six", version="2")
    change(served, "set-users", users={"ann": "secret"})
    fail(served, "stale", times="all")
    assert ask(served, PAGE).status == 401


def test_a_mended_index_answers_as_it_should(served: FakeIndexes) -> None:
    """After ``mend``, no fault applies, whatever its ``times`` is."""
    fail(served, "status", times="all")
    fail(served, "reset", times=3)
    assert ask(served, PAGE).status == 503
    change(served, "mend")
    assert ask(served, PAGE).status == 200


@pytest.mark.parametrize("how", ["cut", "wrong-hash", "long-range"])
def test_an_answer_to_head_has_no_body_that_could_be_spoiled(served: FakeIndexes, how: str) -> None:
    """A fault of the body is refused for HEAD, whose responses have no body."""
    with pytest.raises(FakeIndexError, match="does not apply to an answer to HEAD"):
        fail(served, how, method="HEAD")
