"""The cache of an edge: stored answers, requests to its index, and configured bugs."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.messages import Delivery, Response

from ..asking import JSON, NOW, ask, body, file_url, one_index
from ..test_fake_index_changes import change
from .edged import FRESH, PAGE, edge_step, edged, way

HTML = {"Accept": "text/html"}
GZIP = {"Accept": JSON, "Accept-Encoding": "gzip"}
AS_JSON = {"Accept": JSON}
BOTH = f"{JSON}, text/html;q=0.1"


def publish(served: FakeIndexes) -> None:
    """Publish another release on the index."""
    change(served, "publish", project="six", version="2.0")


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
    """Without max-age, Expires minus Date is the lifetime; an invalid Expires is in the past."""
    served = edged(pages={"etag": '"$md5"', "expires": expires})
    ask(served, PAGE)
    assert way(ask(served, PAGE)) == second


@pytest.mark.parametrize("said", ["no-store", "private", "max-age=0", False])
def test_lifetime_of_the_edge_goes_before_what_the_answer_says(said: str | bool) -> None:
    """With its own lifetime an edge stores responses regardless of Cache-Control."""
    served = edged(pages={**FRESH, "cache-control": said}, edge={"lifetime": {"pages": 10}})
    ask(served, PAGE)
    assert way(ask(served, PAGE, now=NOW + 9)) == "store"
    assert way(ask(served, PAGE, now=NOW + 10)) == "index 304"


def test_lifetime_of_the_edge_begins_when_it_gets_an_answer() -> None:
    """The Age of an incoming answer is passed on, but does not shorten the edge's lifetime."""
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
    """Without Age, the time since Date counts as age."""
    served = edged(pages={**FRESH, "date": "${date-50}"})
    ask(served, PAGE)
    assert ask(served, PAGE).headers.get("Age") == "50"
    assert way(ask(served, PAGE, now=NOW + 10)) == "index 304"


def test_stale_answer_is_validated_with_the_validators_of_the_edge() -> None:
    """A 304 makes a stored page fresh again, and the client gets the whole page."""
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
    """After the edge revalidated, the client's own condition decides its answer."""
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
    """Without a stored answer the index evaluates the condition, and its 304 is not stored."""
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
    """A range with the validator of another file gets the whole file (RFC 9110 13.1.5)."""
    served = edged()
    url = file_url(served, "six-1.0-py3-none-any.whl")
    ask(served, url)
    assert ask(served, url, {"Range": "bytes=0-9", "If-Range": '"other"'}).status == 200


def test_head_is_answered_from_a_stored_get() -> None:
    """HEAD is answered from a stored GET, and the answer to a HEAD is not stored."""
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


def test_vary_tells_forms_apart() -> None:
    """Each format and coding of a page is stored separately (RFC 9111 4.1)."""
    served = edged()
    for headers in (HTML, AS_JSON, GZIP):
        assert way(ask(served, PAGE, headers)) == "index 200"
    for headers in (HTML, AS_JSON, GZIP, {"Accept": BOTH, "Accept-Encoding": "gzip, deflate"}):
        assert way(ask(served, PAGE, headers)) == "store"
    assert ask(served, PAGE, HTML).headers.get("Content-Type") == "text/html; charset=UTF-8"
    assert ask(served, PAGE, AS_JSON).headers.get("Content-Type") == JSON


def test_answer_that_varies_by_all_is_not_stored() -> None:
    """An answer with ``Vary: *`` is not stored."""
    served = edged(pages={**FRESH, "vary": "*"})
    ask(served, PAGE)
    assert way(ask(served, PAGE)) == "index 200"


@pytest.mark.parametrize(("key", "way_of_json"), [(["query"], "store"), (["accept"], "index 200")])
def test_edge_that_ignores_vary_sends_one_form_to_all(key: list[str], way_of_json: str) -> None:
    """An edge that ignores Vary sends one variant to all clients with the same cache key."""
    served = edged(edge={"mistakes": ["ignores-vary"], "key": key})
    ask(served, PAGE, HTML)
    answer = ask(served, PAGE, AS_JSON)
    assert way(answer) == way_of_json
    assert (answer.headers.get("Content-Type") == JSON) is (way_of_json != "store")


def test_compressed_page_reaches_those_who_do_not_accept_it() -> None:
    """An edge that ignores Vary sends gzip to clients that do not accept it."""
    served = edged(edge={"mistakes": ["ignores-vary"]})
    ask(served, PAGE, GZIP)
    assert ask(served, PAGE, AS_JSON).headers.get("Content-Encoding") == "gzip"


@pytest.mark.parametrize(("key", "second"), [(["query"], "index 200"), ([], "store")])
def test_query_is_part_of_the_key_or_not(key: list[str], second: str) -> None:
    """Without the query in the key, URLs that differ only in the query share an answer."""
    served = edged(edge={"key": key})
    ask(served, f"{PAGE}?a=1")
    assert way(ask(served, f"{PAGE}?a=2")) == second


def test_fields_are_stripped_from_every_answer() -> None:
    """Stripped fields are missing from answers of the index and the store, and from a 304."""
    served = edged(edge={"strips": ["ETag", "age"]})
    for _ in range(2):
        assert "ETag" not in ask(served, PAGE).headers
    assert "Age" not in ask(served, PAGE).headers
    # The edge itself still knows the validator.
    assert way(ask(served, PAGE, now=NOW + 100)) == "index 304"


def test_edge_that_keeps_gzip_has_an_old_twin() -> None:
    """With ``keeps-gzip`` compressed pages neither expire nor are purged."""
    served = edged(edge={"mistakes": ["keeps-gzip"]})
    for headers in (GZIP, AS_JSON):
        ask(served, PAGE, headers)
    publish(served)
    edge_step(served, "purge")
    later = NOW + 1_000_000
    assert b"2.0" in body(ask(served, PAGE, AS_JSON, now=later))
    twin = ask(served, PAGE, GZIP, now=later)
    assert (way(twin), twin.headers.get("Age")) == ("store", "1000000")


def test_edge_that_mixes_304s_sends_that_of_another_form() -> None:
    """With ``mixes-304`` a 304 has the validator of the variant that was stored last."""
    served = edged(edge={"mistakes": ["mixes-304"]})
    etags = [ask(served, PAGE, headers).headers.get("ETag") for headers in (AS_JSON, HTML)]
    answer = ask(served, PAGE, {**AS_JSON, "If-None-Match": etags[0] or ""})
    assert (answer.status, answer.headers.get("ETag")) == (304, etags[1])
    right = edged()
    for headers in (AS_JSON, HTML):
        ask(right, PAGE, headers)
    answer = ask(right, PAGE, {**AS_JSON, "If-None-Match": etags[0] or ""})
    assert (answer.status, answer.headers.get("ETag")) == (304, etags[0])


def test_edge_that_mixes_304s_takes_the_condition_of_another_form() -> None:
    """With ``mixes-304`` the validator of an HTML page gives a 304 for the JSON page."""
    served = edged(edge={"mistakes": ["mixes-304"]})
    etag = ask(served, PAGE, HTML).headers.get("ETag") or ""
    assert ask(served, PAGE, {**AS_JSON, "If-None-Match": etag}).status == 304
    assert ask(edged(), PAGE, {**AS_JSON, "If-None-Match": etag}).status == 200


@pytest.mark.parametrize(
    ("said", "way_with_reload"),
    [("no-cache", "index 304"), ("max-age=0", "index 304"), ("max-age=30", "store")],
)
def test_request_for_news_is_heeded_by_an_edge_that_reloads(
    said: str, way_with_reload: str
) -> None:
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
    """A stored 404 hides a project that was published since."""
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
    """A 503 of the index is passed on, and the stored answer is kept and revalidated later."""
    served = edged()
    ask(served, PAGE)
    change(served, "fail", how="status", status=503)
    assert ask(served, PAGE, now=NOW + 100).status == 503
    assert way(ask(served, PAGE, now=NOW + 100)) == "index 304"


def test_edge_stays_up_when_its_index_goes_down() -> None:
    """While its index is down, an edge sends fresh answers, and a 502 for the others."""
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
    """A body that was cut off is passed on and not stored."""
    served = edged()
    change(served, "fail", how=how)
    broken = ask(served, PAGE)
    assert broken.delivery != Delivery()
    assert way(ask(served, PAGE)) == "index 200"


def test_wrong_bytes_are_stored() -> None:
    """An edge stores wrong bytes and sends them until it is purged."""
    served = edged()
    url = file_url(served, "six-1.0-py3-none-any.whl")
    change(served, "fail", how="wrong-hash", kind="wheel")
    wrong = body(ask(served, url))
    again = ask(served, url)
    assert (way(again), body(again)) == ("store", wrong)
    edge_step(served, "purge", kind="wheel")
    assert body(ask(served, url)) != wrong


def test_purge_is_of_a_project_and_of_a_kind() -> None:
    """A purge of one project and kind keeps all other answers."""
    served = edged()
    url = file_url(served, "six-1.0-py3-none-any.whl")
    for place in (PAGE, url):
        ask(served, place)
    edge_step(served, "purge", kind="page", project="six")
    assert way(ask(served, url)) == "store"
    edge_step(served, "purge", project="other")
    assert way(ask(served, url)) == "store"
    assert way(ask(served, PAGE)) == "index 200"


@pytest.mark.parametrize(
    ("keys", "kept"),
    [
        ({"gzip": False}, [GZIP]),
        ({"gzip": True}, [HTML, AS_JSON]),
        ({"format": "json"}, [HTML]),
        ({"format": "html", "gzip": False}, [AS_JSON, GZIP]),
        ({}, []),
    ],
)
def test_purge_is_of_a_form(keys: dict[str, Any], kept: list[dict[str, str]]) -> None:
    """A purge of one variant keeps the other variants, even outdated ones."""
    served = edged()
    forms = (HTML, AS_JSON, GZIP)
    for form in forms:
        ask(served, PAGE, form)
    wheel = file_url(served, "six-1.0-py3-none-any.whl")
    ask(served, wheel)
    edge_step(served, "purge", **keys)
    assert (way(ask(served, wheel)) == "store") is bool(keys.keys() - {"gzip"} or keys.get("gzip"))
    assert [form for form in forms if way(ask(served, PAGE, form)) == "store"] == kept


def test_others_fill_the_edge() -> None:
    """Answers that warming stored are sent from the store with their age."""
    served = edged()
    url = file_url(served, "six-1.0-py3-none-any.whl")
    edge_step(served, "warm", project="six", at="40 seconds ago")
    publish(served)
    answer = ask(served, PAGE, GZIP)
    assert (way(answer), answer.headers.get("Age")) == ("store", "40")
    assert way(ask(served, url)) == "store"
    assert way(ask(served, f"{url}.metadata")) == "index 200"
    assert way(ask(served, PAGE, AS_JSON)) == "index 200"
    assert way(ask(served, PAGE, GZIP, now=NOW + 20)) == "index 200"


def test_others_have_not_asked_in_the_future() -> None:
    """A warming time in the future is treated as now."""
    served = edged()
    edge_step(served, "warm", project="six", at="2099-01-01T00:00:00Z")
    assert way(ask(served, PAGE, GZIP, now=NOW + 59)) == "store"
    assert way(ask(served, PAGE, GZIP, now=NOW + 60)) == "index 304"


def test_others_ask_for_the_newest_files_of_very_many() -> None:
    """One warming step requests the page and at most 400 files."""
    many = {"six": {f"1.{number}": {"metadata": False} for number in range(401)}}
    served = one_index(packages=many, edge={"lifetime": 60})
    edge_step(served, "warm", project="six")
    assert way(ask(served, PAGE, GZIP)) == "store"
    old, new = (file_url(served, f"six-1.{number}-py3-none-any.whl") for number in (0, 1))
    assert (way(ask(served, old)), way(ask(served, new))) == ("index 200", "store")


def test_purge_of_a_project_reaches_the_one_page_of_a_flat_index() -> None:
    """A purge of a project removes the flat page, although it lists other projects too."""
    links = "https://links.example/all/"
    served = one_index(links, flat=True, packages={"six": {"1.0": {}}}, edge={"lifetime": 60})
    edge_step(served, "warm", project="six", kind="page", gzip=False)
    assert way(ask(served, links)) == "store"
    edge_step(served, "purge", project="six")
    assert way(ask(served, links)) == "index 200"


@pytest.mark.parametrize(
    ("keys", "stored"),
    [
        ({"kind": "page"}, GZIP),
        ({"kind": "page", "gzip": False}, AS_JSON),
        ({"kind": "page", "gzip": False, "format": "html"}, HTML),
    ],
)
def test_others_ask_for_one_form(keys: dict[str, Any], stored: dict[str, str]) -> None:
    """The requests of a warming step use only the format and coding that the step names."""
    served = edged()
    edge_step(served, "warm", project="six", **keys)
    ways = {str(form): way(ask(served, PAGE, form)) for form in (GZIP, AS_JSON, HTML)}
    assert [form for form, taken in ways.items() if taken == "store"] == [str(stored)]
    assert way(ask(served, file_url(served, "six-1.0-py3-none-any.whl"))) == "index 200"


def test_others_ask_for_a_project_that_is_not_there() -> None:
    """Warming a missing project stores the 404 of its page."""
    served = edged(edge={"lifetime": {"pages": 60}})
    edge_step(served, "warm", project="new")
    change(served, "publish", project="new", version="1.0")
    assert ask(served, PAGE.replace("six", "new"), GZIP).status == 404


def test_others_are_users_of_a_private_index() -> None:
    """Warming a private index uses the credentials of one of its users."""
    pages = {**FRESH, "cache-control": "public, max-age=60"}
    served = edged(pages=pages, users={"ada": "secret"})
    edge_step(served, "warm", project="six")
    assert ask(served, PAGE, GZIP).status == 200


def test_store_is_bounded() -> None:
    """The oldest answers are evicted if the store has too many."""
    served = edged()
    for number in range(1001):
        ask(served, f"{PAGE}?{number}")
    assert way(ask(served, f"{PAGE}?1")) == "store"
    assert way(ask(served, f"{PAGE}?0")) == "index 200"


def test_fields_of_the_connection_are_not_stored() -> None:
    """Hop-by-hop fields such as Connection are not stored (RFC 9111 3.1)."""
    served = edged(pages={**FRESH, "connection": "Keep-Alive", "keep-alive": "timeout=2"})
    ask(served, PAGE)
    answer: Response = ask(served, PAGE)
    assert way(answer) == "store"
    assert not {"Connection", "Keep-Alive"} & {name.title() for name, _ in answer.headers}


def test_same_requests_get_the_same_answers() -> None:
    """Two edges that get the same requests send the same answers."""
    one, other = edged(), edged()
    for headers in (HTML, AS_JSON, GZIP, HTML):
        assert ask(one, PAGE, headers).headers == ask(other, PAGE, headers).headers
