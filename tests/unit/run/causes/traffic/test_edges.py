"""Causes about an edge: its stored answers, and its requests to the index."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.messages import Exchange

from ..histories import (
    INSTALL,
    PUBLISH,
    PYPI,
    REPLACE,
    Told,
    asked_with,
    causes,
    history,
    page,
    wheel,
)

EDGED = {"indexes": {"pypi": {**PYPI, "edge": {}}}}
WARM = {"do": "warm", "index": "pypi", "project": "foo"}
OLD = (
    "the edge of index pypi answered the request for {} from its store and did not ask the index; "
    "what it had stored is older than step {}, which {}"
)
NAME = "foo-1.0-py3-none-any.whl"


def stored(exchange: Exchange) -> Exchange:
    """Return an exchange that the edge answered from its store."""
    return replace(exchange, subject=replace(exchange.subject, from_edge=True))


def passed(exchange: Exchange, **fields: str) -> Exchange:
    """Return an exchange that the edge forwarded to the index, with other fields if given."""
    return replace(exchange, behind=asked_with(exchange, **fields) if fields else exchange)


@pytest.mark.parametrize(
    ("expect", "last", "change", "cause"),
    [
        ({"installed": {"foo": "2.0"}}, page(), PUBLISH, ("the page of foo", "published foo 2.0")),
        ({"locked": {"foo": "2.0"}}, page(), PUBLISH, ("the page of foo", "published foo 2.0")),
        ({"builds-of": {"foo": "replaced"}}, wheel(), REPLACE, (NAME, "replaced foo 1.0")),
    ],
)
def test_old_answer_of_an_edge_is_the_cause(
    expect: dict[str, Any], last: Exchange, change: dict[str, Any], cause: tuple[str, str]
) -> None:
    """The cause names the stored answer of an edge, and the change since it was stored."""
    of = history(
        Told(INSTALL, [passed(last)]),
        change,
        Told({**INSTALL, "venv": "other"}, [stored(last)], after={"foo": "1.0"}),
        **EDGED,
    )
    assert causes(of, expect) == [OLD.format(cause[0], 2, cause[1])]


@pytest.mark.parametrize("output", ["error: hash mismatch for foo", "ERROR: no such release"])
def test_refused_hash_is_that_of_an_old_file(output: str) -> None:
    """The cause of a wrong hash names the edge that sent an old file."""
    of = history(
        WARM,
        REPLACE,
        Told(INSTALL, [passed(page()), stored(wheel())], output=output, exit=ExitKind.FAILURE),
        **EDGED,
    )
    [cause] = causes(of, {"exit": "success"})
    assert cause.startswith(OLD.format(NAME, 2, "replaced foo 1.0")) is ("hash" in output)


def test_old_file_is_used_from_the_cache() -> None:
    """A file that an edge sent after the file's replacement counts as old."""
    failed: dict[str, Any] = {"output": "error: hash mismatch for foo", "exit": ExitKind.FAILURE}
    steps: list[Told | dict[str, Any]] = [
        Told(INSTALL, [passed(wheel())]),
        REPLACE,
        {"do": "clear-cache"},
        Told(INSTALL, [passed(page()), stored(wheel())], **failed),
    ]
    of = history(*steps, Told(INSTALL, [passed(page())], **failed), **EDGED)
    [cause] = causes(of, {"exit": "success"})
    assert cause.startswith(
        f"{NAME} came in step 4 from the store of the edge of index pypi, which was older than "
        "step 2, which replaced foo 1.0; step 5 did not ask for it again, and used the stored "
        "response"
    )
    cleared = history(
        *steps, {"do": "clear-cache"}, Told(INSTALL, [passed(page())], **failed), **EDGED
    )
    assert "edge" not in "".join(causes(cleared, {"exit": "success"}))


def test_old_file_that_was_accepted_is_told() -> None:
    """If an old file from an edge was accepted, the cause of the success names it."""
    of = history(WARM, REPLACE, Told(INSTALL, [stored(wheel())], after={"foo": "1.0"}), **EDGED)
    cause = OLD.format(NAME, 2, "replaced foo 1.0")
    assert causes(of, {"exit": "failure"}) == [f"{cause}; step 3 accepted it"]


def test_other_file_that_was_replaced_is_no_cause() -> None:
    """The replacement of another release does not make a file old."""
    two = {"pypi": {**PYPI, "edge": {}, "packages": {"foo": {"1.0": {}, "2.0": {}}}}}
    other = {**REPLACE, "version": "2.0"}
    of = history(WARM, other, Told(INSTALL, [stored(wheel())], after={"foo": "1.0"}), indexes=two)
    assert "edge" not in "".join(causes(of, {"exit": "failure"}))


def test_304_of_another_form_is_told() -> None:
    """The cause names a 304 whose ETag differs from the ETag of the request."""
    answer = asked_with(page(status=304, etag='"b"'), if_none_match='"a"')
    failed: dict[str, Any] = {"output": "error: Missing header", "exit": ExitKind.FAILURE}
    of = history(Told(INSTALL, [page()]), Told(INSTALL, [stored(answer)], **failed), **EDGED)
    [cause] = causes(of, {"exit": "success"})
    assert cause.startswith(
        "GET for the page of foo on index pypi (https://pypi.org/simple/foo/) was answered by the "
        'edge from its store with a 304 that names the ETag "b", to If-None-Match: "a"'
    )


def test_answer_that_the_edge_got_later_is_no_cause() -> None:
    """An answer that the edge received after the last change is not old."""
    of = history(
        PUBLISH,
        Told(INSTALL, [passed(page())]),
        Told(INSTALL, [stored(page())], after={"foo": "1.0"}),
        **EDGED,
    )
    assert "edge" not in "".join(causes(of, {"installed": {"foo": "2.0"}}))
    filled = history(PUBLISH, WARM, Told(INSTALL, [stored(page())]), **EDGED)
    assert "edge" not in "".join(causes(filled, {"installed": {"foo": "2.0"}}))


@pytest.mark.parametrize(
    ("expect", "cause"),
    [
        (
            {"past-edge": {"page": 0}},
            "in step 1 the edge of index pypi asked the index for the page of foo (200)",
        ),
        (
            {"past-edge": 1},
            "in step 1 the edge of index pypi asked the index for the page of foo (200) and "
            f"{NAME}, for which it had a stale response (200) and answered the request for "
            "foo-2.0-py3-none-any.whl from its store",
        ),
        (
            {"past-edge": {"wheel": 2}},
            "in step 1 the edge of index pypi answered the request for foo-2.0-py3-none-any.whl "
            f"from its store and asked the index for {NAME}, for which it had a stale response "
            "(200)",
        ),
    ],
)
def test_count_of_what_went_past_an_edge_is_told(expect: dict[str, Any], cause: str) -> None:
    """The cause for a count of requests to the index names the decisive requests first."""
    exchanges = [
        passed(page()),
        passed(wheel(), if_none_match='"a"'),
        stored(wheel(version="2.0")),
    ]
    assert causes(history(Told(INSTALL, exchanges), **EDGED), expect) == [cause]
