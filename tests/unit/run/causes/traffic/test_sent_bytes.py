"""Causes of more or fewer bytes of files than expected."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_indexcache.messages import Exchange

from ..histories import INSTALL, REMOVE_VENV, Told, asked_with, causes, history, page, wheel

NAME = "foo-1.0-py3-none-any.whl"
CUT = replace(wheel(), sent=6)
WHOLE = wheel(1)
REST = asked_with(replace(wheel(1), status=206, sent=3, length=3), range="bytes=6-")
IGNORED = asked_with(wheel(1), range="bytes=6-")


@pytest.mark.parametrize(
    ("exchanges", "cause"),
    [
        (
            [CUT, WHOLE],
            f"{NAME} was sent in 2 responses to step 1: 6 of 9 bytes (200, cut off) and 9 bytes "
            "(200); the part received before the cut was requested again, without a Range for the "
            "rest",
        ),
        (
            [CUT, REST],
            f"{NAME} was sent in 2 responses to step 1: 6 of 9 bytes (200, cut off) and 3 bytes "
            "(206, to Range bytes=6-)",
        ),
        (
            [CUT, IGNORED],
            f"{NAME} was sent in 2 responses to step 1: 6 of 9 bytes (200, cut off) and 9 bytes "
            "(200, to Range bytes=6-); the part received before the cut was sent again, although "
            "a Range asked for the rest",
        ),
        (
            [CUT],
            f"{NAME} was sent in one response to step 1: 6 of 9 bytes (200, cut off)",
        ),
    ],
)
def test_file_that_came_in_parts_is_told_with_each(exchanges: list[Exchange], cause: str) -> None:
    """The cause lists the partial responses of a file in order, with the last request."""
    assert causes(history(Told(INSTALL, [page(), *exchanges])), {"bytes": 1}) == [cause]


def test_whole_file_that_came_again_is_told_as_a_download() -> None:
    """If a whole file is sent again, checks of bytes and of downloads have the same cause."""
    of = history(
        Told(INSTALL, [wheel(cache_control="no-store")]),
        REMOVE_VENV,
        Told(INSTALL, [wheel(9, cache_control="no-store")]),
    )
    [cause] = causes(of, {"bytes": {}})
    assert cause.startswith(f"{NAME} was downloaded again: ")
