"""Checks of requests and responses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_indexcache.messages import Exchange, Headers, Kind, Subject
from pytest_indexcache.run.plays.checks.step_checks import check_step
from pytest_indexcache.run.plays.records.observation import Observation
from pytest_indexcache.scenario.tables.expectation import Expectation


def failed(expected: dict[str, Any], *exchanges: Exchange) -> dict[str, tuple[str, str, Any]]:
    """Return the failed checks: expected and observed values, and whether there is too much."""
    checks = check_step(Expectation.model_validate(expected), Observation(exchanges=exchanges))
    return {
        check.key: (check.expected, check.seen, check.excess) for check in checks if not check.held
    }


def sent(
    project: str, size: int, status: int = 200, kind: Kind = Kind.WHEEL, length: int | None = None
) -> Exchange:
    """Return an exchange that sent this number of bytes."""
    name = f"{project}-1.0-py3-none-any.whl"
    return Exchange(
        at=0.0,
        method="GET",
        url=f"https://pypi.org/{name}",
        request_headers=Headers(),
        status=status,
        sent=size,
        length=size if length is None else length,
        subject=Subject(kind, "pypi", project, name),
    )


@pytest.mark.parametrize(
    ("expected", "wrong"),
    [
        (3000, {}),
        ("<= 3 KB", {}),
        ("any", {}),
        ("> 3 KB", {"bytes": ("> 3 KB", "3000 B", False)}),
        ({"six": "== 2 KB", "torch": 1000}, {}),
        ({"six": "2 KB", "*": "any"}, {}),
        ({"*": "<= 2 KB"}, {}),
        ({"*": "<= 1 KB"}, {"bytes.*": ("<= 1 KB each", "six 2000 B", True)}),
        (
            {"six-*.whl": "< 2 KB", "torch": 1000},
            {"bytes.six-*.whl": ("< 2 KB each", "six 2000 B", True)},
        ),
        ({"six": 2000}, {"bytes.torch": ("0", "1000 B", True)}),
        ({"idna": ">= 1 B", "*": "any"}, {"bytes.idna": (">= 1 B", "0 B", False)}),
        ({"idna-*": ">= 1 B", "*": "any"}, {"bytes.idna-*": (">= 1 B each", "none", False)}),
        ({}, {"bytes.six": ("0", "2000 B", True), "bytes.torch": ("0", "1000 B", True)}),
    ],
)
def test_bytes_of_files_are_summed_by_project_or_file(
    expected: Any, wrong: dict[str, tuple[str, str, bool]]
) -> None:
    """Bytes of whole, partial and cut files count, and bytes of other responses do not."""
    exchanges = (
        sent("six", 1500, length=1800),
        sent("six", 500, status=206),
        sent("torch", 1000),
        sent("torch", 100, status=404),
        sent("torch", 100, kind=Kind.METADATA),
        sent("torch", 100, kind=Kind.PAGE),
    )
    assert failed({"bytes": expected}, *exchanges) == wrong


def test_bytes_that_were_not_sent_meet_an_empty_table() -> None:
    """A revalidated file sends no bytes, so that ``bytes = {}`` holds."""
    assert not failed({"bytes": {}}, sent("six", 0, status=304))


def asked(kind: Kind = Kind.PAGE, **fields: str) -> Exchange:
    """Return the request for a page with these header fields."""
    pairs = ((name.replace("_", "-"), value) for name, value in fields.items())
    return replace(sent("six", 10, kind=kind), request_headers=Headers.of(pairs))


@pytest.mark.parametrize(
    ("wishes", "wrong"),
    [
        ({"Accept": True, "range": False}, {}),
        ({"accept": "*json*"}, {"accept": ("*json*", "text/html (1 of 2 requests)")}),
        ({"accept": "*"}, {}),
        ({"if-none-match": True}, {"if-none-match": ("sent", "not sent (1 of 2 requests)")}),
        ({"If-None-Match": False}, {"if-none-match": ("not sent", "sent (1 of 2 requests)")}),
        ({"range": "bytes=*"}, {"range": ("bytes=*", "not sent (2 of 2 requests)")}),
    ],
)
def test_each_request_of_a_kind_has_a_field_as_expected(
    wishes: dict[str, Any], wrong: dict[str, tuple[str, str]]
) -> None:
    """Every request of the kind must have the expected field, and other kinds do not count."""
    exchanges = (
        asked(accept="application/json", if_none_match='"a"'),
        asked(accept="text/html"),
        asked(Kind.WHEEL, range="bytes=0-1"),
    )
    expected = {f"fields.page.{name}": (*shown, None) for name, shown in wrong.items()}
    assert failed({"fields": {"page": wishes}}, *exchanges) == expected


def test_field_of_no_request_is_not_sent() -> None:
    """If there is no request of the kind, an expected field counts as not sent."""
    wrong = failed({"fields": {"wheel": {"range": True, "accept": False}}}, asked(accept="*/*"))
    assert wrong == {"fields.wheel.range": ("sent", "no request", None)}
