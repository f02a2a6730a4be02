"""The variants of an answer that an edge stores: Vary, codings, queries and fields."""

from __future__ import annotations

import pytest

from pytest_indexcache.messages import Response

from ..asking import JSON, NOW, ask, body
from .edged import AS_JSON, BOTH, FRESH, GZIP, HTML, PAGE, edge_step, edged, publish, way


def test_vary_tells_forms_apart() -> None:
    """An edge stores each format and coding of a page separately (RFC 9111 4.1)."""
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
    """If the key omits the query, URLs that differ only in the query share an answer."""
    served = edged(edge={"key": key})
    ask(served, f"{PAGE}?a=1")
    assert way(ask(served, f"{PAGE}?a=2")) == second


def test_fields_are_stripped_from_every_answer() -> None:
    """Stripped fields are missing from answers of the index, from stored answers and from 304s."""
    served = edged(edge={"strips": ["ETag", "age"]})
    for _ in range(2):
        assert "ETag" not in ask(served, PAGE).headers
    assert "Age" not in ask(served, PAGE).headers
    # The edge itself still knows the validator.
    assert way(ask(served, PAGE, now=NOW + 100)) == "index 304"


def test_edge_that_keeps_gzip_has_an_old_twin() -> None:
    """With ``keeps-gzip``, compressed pages neither expire nor are purged."""
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
    """With ``mixes-304``, a 304 has the validator of the variant that was stored last."""
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
    """With ``mixes-304``, the validator of an HTML page leads to a 304 for the JSON page."""
    served = edged(edge={"mistakes": ["mixes-304"]})
    etag = ask(served, PAGE, HTML).headers.get("ETag") or ""
    assert ask(served, PAGE, {**AS_JSON, "If-None-Match": etag}).status == 304
    assert ask(edged(), PAGE, {**AS_JSON, "If-None-Match": etag}).status == 200


def test_fields_of_the_connection_are_not_stored() -> None:
    """Hop-by-hop fields such as Connection are not stored (RFC 9111 3.1)."""
    served = edged(pages={**FRESH, "connection": "Keep-Alive", "keep-alive": "timeout=2"})
    ask(served, PAGE)
    answer: Response = ask(served, PAGE)
    assert way(answer) == "store"
    assert not {"Connection", "Keep-Alive"} & {name.title() for name, _ in answer.headers}
