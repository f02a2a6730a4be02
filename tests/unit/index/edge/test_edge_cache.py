"""The cache of an edge: stored answers, requests to its index, and simulated bugs."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_indexcache.messages import Delivery

from ..asking import NOW, ask, body, file_url
from ..test_fake_index_changes import change
from .edged import AS_JSON, FRESH, GZIP, HTML, PAGE, edge_step, edged, publish, way


@pytest.mark.parametrize(
    ("cache_control", "second", "later"),
    [
        ("max-age=60", "store", "index 304"),
        ("max-age=600", "store", "store"),
        ("max-age=0, s-maxage=600", "store", "store"),
        ("max-age=600, s-maxage=0", "index 304", "index 304"),
        ("no-cache, max-age=600", "index 304", "index 304"),
        ("no-store, max-age=600", "index 200", "index 200"),
        ("private, max-age=600", "index 200", "index 200"),
        ('private="set-cookie", max-age=600', "index 200", "index 200"),
        ("max-age=nonsense", "index 304", "index 304"),
        ("max-age=99999999999999999999", "store", "store"),
        (False, "index 304", "index 304"),
    ],
)
def test_lifetime_is_that_of_the_answer(cache_control: str | bool, second: str, later: str) -> None:
    """The lifetime is s-maxage, else max-age, never a heuristic (RFC 9111 4.2.1 and 5.2.2)."""
    served = edged(pages={**FRESH, "cache-control": cache_control})
    assert way(ask(served, PAGE)) == "index 200"
    assert way(ask(served, PAGE, now=NOW + 5)) == second
    assert way(ask(served, PAGE, now=NOW + 70)) == later


@pytest.mark.parametrize(
    ("expires", "second"),
    [("${date+60}", "store"), ("${date-1}", "index 304"), ("0", "index 304")],
)
def test_expires_is_a_lifetime_where_cache_control_has_none(expires: str, second: str) -> None:
    """Without max-age, the lifetime is Expires minus Date; an invalid Expires is in the past."""
    served = edged(pages={"etag": '"$md5"', "expires": expires})
    ask(served, PAGE)
    assert way(ask(served, PAGE)) == second


@pytest.mark.parametrize("said", ["no-store", "private", "max-age=0", False])
def test_lifetime_of_the_edge_goes_before_what_the_answer_says(said: str | bool) -> None:
    """An edge with its own lifetime stores responses regardless of Cache-Control."""
    served = edged(pages={**FRESH, "cache-control": said}, edge={"lifetime": {"pages": 10}})
    ask(served, PAGE)
    assert way(ask(served, PAGE, now=NOW + 9)) == "store"
    assert way(ask(served, PAGE, now=NOW + 10)) == "index 304"


def test_lifetime_of_the_edge_begins_when_it_gets_an_answer() -> None:
    """An edge passes the Age of an answer on, but does not subtract it from its own lifetime."""
    served = edged(pages={**FRESH, "age": "1000"}, edge={"lifetime": 10})
    ask(served, PAGE)
    answer = ask(served, PAGE, now=NOW + 9)
    assert (way(answer), answer.headers.get("Age")) == ("store", "1009")
    assert way(ask(served, PAGE, now=NOW + 10)) == "index 304"
    assert way(ask(served, PAGE, now=NOW + 19)) == "store"


def test_number_is_the_lifetime_of_every_kind() -> None:
    """A lifetime given as a number applies to pages, metadata and files."""
    served = edged(pages={}, files={}, edge={"lifetime": 10})
    wheel = file_url(served, "six-1.0-py3-none-any.whl")
    for url in (PAGE, wheel, f"{wheel}.metadata"):
        ask(served, url)
        assert way(ask(served, url, now=NOW + 9)) == "store"


def test_lifetime_of_the_edge_is_for_one_kind() -> None:
    """A lifetime for files does not apply to pages."""
    served = edged(edge={"lifetime": {"files": 0}})
    for url in (PAGE, file_url(served, "six-1.0-py3-none-any.whl")):
        ask(served, url)
    assert way(ask(served, PAGE)) == "store"
    assert way(ask(served, file_url(served, "six-1.0-py3-none-any.whl"))) == "index 304"


def test_age_is_that_in_the_store_and_before_it() -> None:
    """The age is the incoming age plus the time in the store (RFC 9111 4.2.3)."""
    served = edged(pages={**FRESH, "age": "20"})
    assert ask(served, PAGE).headers.get("Age") == "20"
    assert ask(served, PAGE, now=NOW + 15.5).headers.get("Age") == "35"
    assert way(ask(served, PAGE, now=NOW + 39)) == "store"
    assert way(ask(served, PAGE, now=NOW + 40)) == "index 304"


def test_date_that_is_old_makes_an_answer_old() -> None:
    """Without Age, the time since Date counts as the age of an answer."""
    served = edged(pages={**FRESH, "date": "${date-50}"})
    ask(served, PAGE)
    assert ask(served, PAGE).headers.get("Age") == "50"
    assert way(ask(served, PAGE, now=NOW + 10)) == "index 304"


def test_stale_answer_is_validated_with_the_validators_of_the_edge() -> None:
    """A 304 makes a stored page fresh again, and the client gets the stored page."""
    served = edged()
    first = ask(served, PAGE)
    again = ask(served, PAGE, now=NOW + 100)
    assert again.behind is not None
    assert again.behind.request_headers.get("If-None-Match") == first.headers.get("ETag")
    assert (again.status, body(again)) == (200, body(first))
    assert again.headers.get("Age") == "0"
    assert way(ask(served, PAGE, now=NOW + 159)) == "store"


def test_stale_answer_is_replaced_by_a_new_one() -> None:
    """A 200 of the index replaces the stored answer."""
    served = edged()
    ask(served, PAGE)
    publish(served)
    assert b"2.0" not in body(ask(served, PAGE))
    assert b"2.0" in body(ask(served, PAGE, now=NOW + 100))
    assert b"2.0" in body(ask(served, PAGE, now=NOW + 101))


def test_condition_of_the_client_is_answered_from_the_store() -> None:
    """A client's condition is answered from the store with 304 or the page."""
    served = edged()
    etag = ask(served, PAGE).headers.get("ETag") or ""
    answer = ask(served, PAGE, {"If-None-Match": etag})
    assert (answer.status, way(answer)) == (304, "store")
    assert {"etag", "age", "cache-control"} <= {name.lower() for name, _ in answer.headers}
    assert "Content-Type" not in answer.headers
    assert ask(served, PAGE, {"If-None-Match": '"other"'}).status == 200


def test_condition_of_the_client_counts_when_the_edge_has_validated() -> None:
    """After the edge has revalidated, it evaluates the client's own condition."""
    served = edged()
    old = ask(served, PAGE).headers.get("ETag") or ""
    assert ask(served, PAGE, {"If-None-Match": old}, now=NOW + 100).status == 304
    publish(served)
    answer = ask(served, PAGE, {"If-None-Match": old}, now=NOW + 200)
    assert (answer.status, way(answer)) == (200, "index 200")
    new = answer.headers.get("ETag") or ""
    publish_again = {"version": "3.0", "project": "six"}
    change(served, "publish", **publish_again)
    assert ask(served, PAGE, {"If-None-Match": new}, now=NOW + 300).status == 200


def test_condition_goes_on_where_nothing_is_stored() -> None:
    """If no answer is stored, the index evaluates the condition, and its 304 is not stored."""
    served = edged()
    etag = ask(served, PAGE).headers.get("ETag") or ""
    edge_step(served, "purge")
    for _ in range(2):
        answer = ask(served, PAGE, {"If-None-Match": etag})
        assert (answer.status, way(answer)) == (304, "index 304")


@pytest.mark.parametrize(
    ("field", "status", "length"),
    [
        ("bytes=0-9", 206, 10),
        ("bytes=-5", 206, 5),
        ("bytes=999999-", 416, 0),
        ("nonsense", 200, None),
    ],
)
def test_range_of_a_whole_file_is_answered_from_the_store(
    field: str, status: int, length: int | None
) -> None:
    """A range of a stored file is answered without a request to the index."""
    served = edged()
    url = file_url(served, "six-1.0-py3-none-any.whl")
    whole = body(ask(served, url))
    answer = ask(served, url, {"Range": field})
    assert (answer.status, way(answer)) == (status, "store")
    assert len(body(answer)) == (len(whole) if length is None else length)


def test_part_of_a_file_is_not_stored() -> None:
    """A 206 is passed on without being stored."""
    served = edged()
    url = file_url(served, "six-1.0-py3-none-any.whl")
    assert way(ask(served, url, {"Range": "bytes=0-9"})) == "index 206"
    assert way(ask(served, url)) == "index 200"


def test_if_range_of_another_file_gets_the_whole() -> None:
    """A range with the validator of another version gets the whole file (RFC 9110 13.1.5)."""
    served = edged()
    url = file_url(served, "six-1.0-py3-none-any.whl")
    ask(served, url)
    assert ask(served, url, {"Range": "bytes=0-9", "If-Range": '"other"'}).status == 200


def test_head_is_answered_from_a_stored_get() -> None:
    """HEAD is answered from a stored GET, and an answer to HEAD is not stored."""
    served = edged()
    assert way(ask(served, PAGE, method="HEAD")) == "index 200"
    assert way(ask(served, PAGE)) == "index 200"
    answer = ask(served, PAGE, method="HEAD")
    assert (way(answer), answer.content.length) == ("store", 0)
    assert int(answer.headers.get("Content-Length") or 0) > 0


def test_other_methods_are_passed_on() -> None:
    """POST is passed on to the index, which refuses it."""
    served = edged()
    ask(served, PAGE)
    assert way(ask(served, PAGE, method="POST")) == "index 405"


@pytest.mark.parametrize(
    ("said", "way_with_reload"),
    [("no-cache", "index 304"), ("max-age=0", "index 304"), ("max-age=30", "store")],
)
def test_edge_that_reloads_obeys_a_request_to_revalidate(said: str, way_with_reload: str) -> None:
    """Only an edge with ``reload`` revalidates on a request with no-cache."""
    for reload, expected in ((False, "store"), (True, way_with_reload)):
        served = edged(edge={"reload": reload})
        ask(served, PAGE)
        assert way(ask(served, PAGE, {"Cache-Control": said}, now=NOW + 10)) == expected


@pytest.mark.parametrize(
    ("cache_control", "edge", "second"),
    [
        ("max-age=60", {}, "index 200"),
        ("public, max-age=60", {}, "store"),
        ("s-maxage=60", {}, "store"),
        ("max-age=60", {"lifetime": {"pages": 60}}, "store"),
        ("max-age=60", {"lifetime": {"pages": 60}, "key": ["authorization"]}, "store"),
    ],
)
def test_answer_to_a_user_is_stored_where_that_is_allowed(
    cache_control: str, edge: dict[str, Any], second: str
) -> None:
    """A response to a request with credentials is stored only with permission (RFC 9111 3.5)."""
    users = {"ada": "secret"}
    served = edged(pages={**FRESH, "cache-control": cache_control}, edge=edge, users=users)
    fields = {"Authorization": "Basic YWRhOnNlY3JldA=="}
    ask(served, PAGE, fields)
    assert way(ask(served, PAGE, fields)) == second
    is_shared = second == "store" and "key" not in edge
    assert (ask(served, PAGE).status == 200) is is_shared


def test_errors_are_stored_as_long_as_they_may_be() -> None:
    """A stored 404 hides a project that was published later."""
    served = edged(edge={"lifetime": {"pages": 60}})
    url = PAGE.replace("six", "new")
    assert ask(served, url).status == 404
    change(served, "publish", project="new", version="1.0")
    assert (ask(served, url).status, way(ask(served, url))) == (404, "store")
    assert ask(served, url, now=NOW + 60).status == 200


@pytest.mark.parametrize("status", [503, 401, 302])
def test_passing_errors_are_not_stored(status: int) -> None:
    """An error without a lifetime is not stored, even if the edge has its own lifetime."""
    served = edged(edge={"lifetime": {"pages": 60}})
    change(served, "fail", how="status", status=status)
    assert way(ask(served, PAGE)) == f"index {status}"
    assert way(ask(served, PAGE)) == "index 200"


def test_error_leaves_what_is_stored() -> None:
    """A 503 of the index is passed on; the stored answer is kept, and revalidated later."""
    served = edged()
    ask(served, PAGE)
    change(served, "fail", how="status", status=503)
    assert ask(served, PAGE, now=NOW + 100).status == 503
    assert way(ask(served, PAGE, now=NOW + 100)) == "index 304"


def test_edge_stays_up_when_its_index_goes_down() -> None:
    """While its index is down, an edge sends fresh stored answers, and 502 for other requests."""
    served = edged()
    ask(served, PAGE)
    change(served, "go-down")
    assert served.is_reachable("pypi.org")
    assert way(ask(served, PAGE)) == "store"
    broken = ask(served, PAGE, now=NOW + 100)
    assert (broken.status, broken.subject.fault, way(broken)) == (502, "down", "index 502")
    change(served, "come-back")
    assert way(ask(served, PAGE, now=NOW + 100)) == "index 304"


@pytest.mark.parametrize("how", ["cut", "reset", "close"])
def test_answer_that_breaks_off_is_not_stored(how: str) -> None:
    """A body that was cut off is passed on, but not stored."""
    served = edged()
    change(served, "fail", how=how)
    broken = ask(served, PAGE)
    assert broken.delivery != Delivery()
    assert way(ask(served, PAGE)) == "index 200"


def test_wrong_bytes_are_stored() -> None:
    """An edge stores wrong bytes, and sends them until they are purged."""
    served = edged()
    url = file_url(served, "six-1.0-py3-none-any.whl")
    change(served, "fail", how="wrong-hash", kind="wheel")
    wrong = body(ask(served, url))
    again = ask(served, url)
    assert (way(again), body(again)) == ("store", wrong)
    edge_step(served, "purge", kind="wheel")
    assert body(ask(served, url)) != wrong


def test_store_is_bounded() -> None:
    """If the store is full, the oldest answers are evicted."""
    served = edged()
    for number in range(1001):
        ask(served, f"{PAGE}?{number}")
    assert way(ask(served, f"{PAGE}?1")) == "store"
    assert way(ask(served, f"{PAGE}?0")) == "index 200"


def test_same_requests_get_the_same_answers() -> None:
    """Two edges that get the same requests send the same answers."""
    one, other = edged(), edged()
    for headers in (HTML, AS_JSON, GZIP, HTML):
        assert ask(one, PAGE, headers).headers == ask(other, PAGE, headers).headers
