"""Checking what is expected of requests and responses."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_indexcache.messages import Exchange, Headers, Kind, Subject
from pytest_indexcache.run.plays.checks.observation import Observation
from pytest_indexcache.run.plays.checks.step_checks import check_step
from pytest_indexcache.scenario.tables.expectation import Expectation


def failed(expected: dict[str, Any], *exchanges: Exchange) -> dict[str, tuple[str, str, Any]]:
    """Return the checks that do not hold: what is expected and seen, and whether it is too much."""
    checks = check_step(Expectation.model_validate(expected), Observation(exchanges=exchanges))
    return {
        check.key: (check.expected, check.seen, check.excess) for check in checks if not check.held
    }


def sent(
    project: str, size: int, status: int = 200, kind: Kind = Kind.WHEEL, length: int | None = None
) -> Exchange:
    """Make an exchange in which so many bytes were sent."""
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
    """Whole bodies, ranges and what was cut off count; pages, metadata and errors do not."""
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
    """A revalidated file has no bytes, and ``bytes = {}`` demands that."""
    assert not failed({"bytes": {}}, sent("six", 0, status=304))
