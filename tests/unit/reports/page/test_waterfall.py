"""The exchanges of a play, and the files that came from the cache."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_indexcache.messages import Exchange, Headers, Kind
from pytest_indexcache.reports.page.waterfall import waterfall
from pytest_indexcache.run.plays.results import PlayResult, StepResult


def kinds(*steps: StepResult) -> list[list[str]]:
    """Return the kinds of rows in each step."""
    return [[str(row.kind) for row in rows] for rows in waterfall(steps)]


def exchange_of(result: PlayResult) -> Exchange:
    """Return the download of the first step."""
    return result.steps[0].exchanges[0]


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, "downloaded"),
        ({"status": 304, "sent": 0, "length": 0}, "revalidated"),
        ({"status": 206}, "answered"),
        ({"status": 503}, "failed"),
        ({"status": None}, "failed"),
        ({"sent": 4}, "failed"),
    ],
)
def test_each_exchange_is_of_one_kind(
    failed: PlayResult, changes: dict[str, Any], kind: str
) -> None:
    """A 304, a partial response or a cut response is not shown as a download."""
    exchange = replace(exchange_of(failed), **changes)
    assert kinds(replace(failed.steps[0], exchanges=(exchange,))) == [[kind]]


@pytest.mark.parametrize(
    ("added", "shown"),
    [
        ({"a": "1"}, ["reused"]),
        ({"A": "1"}, ["reused"]),
        ({"a": "2"}, []),
        ({"a": "1.0"}, []),
        ({"b": "1"}, []),
        ({}, []),
    ],
)
def test_file_that_came_without_a_request_was_reused(
    failed: PlayResult, added: dict[str, str], shown: list[str]
) -> None:
    """A file is shown as reused only if an earlier step downloaded its release."""
    first = failed.steps[0]
    second = replace(first, number=2, exchanges=(), added=added)
    assert kinds(first, second) == [["downloaded"], shown]


def test_file_that_was_asked_for_is_not_called_reused(failed: PlayResult) -> None:
    """A file that the same step revalidates is not shown as reused."""
    first = failed.steps[0]
    again = replace(exchange_of(failed), status=304, sent=0, length=0)
    second = replace(first, number=2, exchanges=(again,))
    assert kinds(first, second) == [["downloaded"], ["revalidated"]]


def test_times_begin_with_the_step(failed: PlayResult) -> None:
    """The first exchange of each step starts at 0."""
    first = exchange_of(failed)
    step = replace(failed.steps[0], exchanges=(first, replace(first, at=first.at + 1.5)))
    assert [row.after for row in waterfall([step])[0]] == [0.0, 1.5]


def test_response_that_decides_is_marked(failed: PlayResult) -> None:
    """Only the response that the cause names is marked, and no other file with no-store."""
    first, second = failed.steps
    other = exchange_of(failed)
    other = replace(
        other,
        url="https://pypi.org/b.whl",
        subject=replace(other.subject, project="b", filename="b-1-py3-none-any.whl"),
    )
    open_ = replace(exchange_of(failed), response_headers=Headers.of({"Cache-Control": "public"}))
    step = replace(first, exchanges=(exchange_of(failed), other, open_))
    rows = waterfall([step, second])
    assert [row.decides for row in rows[0]] == [("no-store",), (), ()]
    assert [row.decides for row in rows[1]] == [("no-store",)]


@pytest.mark.parametrize(
    ("cause", "sent", "found"),
    [
        (
            "said no-store (cache-control: no-store, max-age=9, age: 1)",
            "no-store, max-age=9",
            "no-store",
        ),
        ("says no-cache (cache-control: no-cache, max-age=9)", "no-cache, max-age=9", "no-cache"),
        ("is fresh (cache-control: max-age=9, expires: 0, age: 1)", "max-age=9", "age max-age"),
        ("(no cache-control, expires: 0)", "", "expires"),
        (
            "(cache-control: no-store, must-understand, age: 1)",
            "no-store, must-understand",
            "age must-understand no-store",
        ),
        (
            "is fresh (the project's override 'max-age=9, no-store', in place of cache-control: "
            "no-store, age: 1)",
            "no-store",
            "",
        ),
    ],
)
def test_field_without_effect_beside_another_is_not_marked(
    failed: PlayResult, cause: str, sent: str, found: str
) -> None:
    """Age beside no-store, or Expires beside max-age, is not marked as decisive."""
    first, second = failed.steps
    told = f"a-1-py3-none-any.whl: {cause}"
    checks = tuple(replace(it, causes=(told,)) if it.causes else it for it in second.checks)
    fields = {"Age": "1", "Expires": "0", **({"Cache-Control": sent} if sent else {})}
    exchange = replace(exchange_of(failed), response_headers=Headers.of(fields))
    rows = waterfall([replace(first, exchanges=(exchange,)), replace(second, checks=checks)])
    assert " ".join(name for name in rows[0][0].decides if name != "cache-control") == found


def test_cause_that_names_a_step_is_decided_there(failed: PlayResult) -> None:
    """If the cause names a step, the file is marked in that step only, and no page is marked."""
    first, second = failed.steps
    cause = "a-1-py3-none-any.whl came again: it said no-store in step 1"
    checks = tuple(replace(it, causes=(cause,)) if it.causes else it for it in second.checks)
    page = exchange_of(failed)
    page = replace(
        page,
        url="https://pypi.org/a/",
        subject=replace(page.subject, kind=Kind.PAGE, filename=None),
    )
    step = replace(first, exchanges=(page, exchange_of(failed)))
    rows = waterfall([step, replace(second, checks=checks)])
    assert [[row.decides for row in shown] for shown in rows] == [[(), ("no-store",)], [()]]
