"""Causes for a lockfile that changed, or did not change, as a whole."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_indexcache.installers.contract.exits import ExitKind

from ..histories import PUBLISH, Told, causes, history, page

LOCK = {"do": "lock"}
EDIT = {"do": "edit", "project": {"dependencies": ["foo", "bar"]}}


@pytest.mark.parametrize(
    ("steps", "expected", "cause"),
    [
        (
            [Told(LOCK, lockfile="a = 1\nb = 2\n"), Told(LOCK, lockfile="a = 1\nb = 3\n")],
            "unchanged",
            "step 2 changed the lockfile of step 1 (- b = 2, + b = 3); no step in between changed "
            "an index or the project",
        ),
        (
            [
                Told(LOCK, lockfile="a\nb\nc\n"),
                Told(PUBLISH, lockfile="a\nb\nc\n"),
                Told({**LOCK, "upgrade": True}, lockfile="d\ne\nf\n"),
            ],
            "unchanged",
            "step 3, with upgrade, changed the lockfile of step 1 (- a, - b, - c and 3 more lines)"
            "; step 2 published foo 2.0 on index pypi",
        ),
        (
            [Told(LOCK, lockfile="a\n"), Told(LOCK, lockfile="a\r\n")],
            "unchanged",
            "step 2 changed the lockfile of step 1 (only blank lines or line endings); no step "
            "in between changed an index or the project",
        ),
        (
            [Told(LOCK, lockfile="a")],
            "unchanged",
            "before step 1 there was no lockfile, and it wrote one",
        ),
        (
            [
                Told(LOCK, lockfile="a"),
                Told(EDIT, lockfile="a"),
                Told(LOCK, [page()], lockfile="a"),
            ],
            "changed",
            "step 2 changed dependencies of the project; step 3 left the lockfile of step 1 as it "
            "was and made 1 request",
        ),
        ([Told(LOCK)], "changed", "step 1 wrote no lockfile"),
        ([Told(LOCK, lockfile="a"), Told(LOCK)], "unchanged", "step 2 removed the lockfile"),
        (
            [Told(LOCK, output="error: it broke\n", exit=ExitKind.FAILURE)],
            "changed",
            "step 1 failed. The installer said: it broke",
        ),
    ],
)
def test_change_of_a_lockfile_is_told_with_what_changed_before(
    steps: list[Any], expected: str, cause: str
) -> None:
    """The cause names the lines that differ, and the steps that may have changed them."""
    assert causes(history(*steps), {"exit": "any", "lockfile": expected}) == [cause]
