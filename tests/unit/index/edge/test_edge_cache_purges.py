"""Purges of an edge, and requests of other clients that fill it."""

from __future__ import annotations

from typing import Any

import pytest

from ..asking import NOW, ask, file_url, one_index
from ..test_fake_index_changes import change
from .edged import AS_JSON, FRESH, GZIP, HTML, PAGE, edge_step, edged, publish, way


def test_purge_is_of_a_project_and_of_a_kind() -> None:
    """A purge of one project and kind keeps all other stored answers."""
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
    """Answers that were stored by warming are sent from the store with their age."""
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
    """One warming step requests the page of a project, and at most 400 files."""
    many = {"six": {f"1.{number}": {"metadata": False} for number in range(401)}}
    served = one_index(packages=many, edge={"lifetime": 60})
    edge_step(served, "warm", project="six")
    assert way(ask(served, PAGE, GZIP)) == "store"
    old, new = (file_url(served, f"six-1.{number}-py3-none-any.whl") for number in (0, 1))
    assert (way(ask(served, old)), way(ask(served, new))) == ("index 200", "store")


def test_purge_of_a_project_reaches_the_one_page_of_a_flat_index() -> None:
    """A purge of a project removes the flat page, although the page also lists other projects."""
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
    """A warming step requests only the format and coding that it names."""
    served = edged()
    edge_step(served, "warm", project="six", **keys)
    ways = {str(form): way(ask(served, PAGE, form)) for form in (GZIP, AS_JSON, HTML)}
    assert [form for form, taken in ways.items() if taken == "store"] == [str(stored)]
    assert way(ask(served, file_url(served, "six-1.0-py3-none-any.whl"))) == "index 200"


def test_others_ask_for_a_project_that_is_not_there() -> None:
    """Warming a missing project stores the 404 for its page."""
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
