"""Requests whose failed or wrong answer ended a command."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_indexcache.installers.contract.exits import ExitKind

from ..histories import INSTALL, PYPI, Told, causes, history, page

UNSOLVED = "error: No solution found: Because only foo==1.0 is available and you require foo>=2\n"


def told(how: str, output: str, kind: ExitKind = ExitKind.FAILURE, **answer: Any) -> str:
    """Return the cause of a command that failed after the page was answered with a fault."""
    fail = {"do": "fail", "index": "pypi", "how": how}
    faulty = replace(page(), subject=replace(page().subject, fault=how), **answer)
    of = history(fail, Told(INSTALL, [faulty], exit=kind, output=output))
    [cause] = causes(of, {"exit": "success"})
    return cause


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("status", "as step 1 made requests fail"),
        ("wrong-hash", "as step 1 made it send other bytes"),
        ("wrong-length", "as step 1 made it send one byte too many"),
        ("not-modified", "as step 1 made it answer every request with 304"),
        ("ignore-range", "as step 1 made it answer range requests with the whole file"),
    ],
)
def test_step_that_set_a_fault_is_told_with_what_the_fault_did(how: str, said: str) -> None:
    """The cause names the step that set a fault, and the fault's effect."""
    assert said in told(how, "error: broken\n", status=503 if how == "status" else 200)


def test_late_answer_is_no_cause_of_a_refusal() -> None:
    """If no release fits, a page that came late but complete is not the cause."""
    assert told("slow", UNSOLVED).startswith("index pypi offers foo 1.0. The installer said")


@pytest.mark.parametrize(
    ("output", "kind"),
    [
        ("error: Request timed out\n", ExitKind.FAILURE),
        ("error: Read timeout on https://pypi.org\n", ExitKind.FAILURE),
        ("", ExitKind.HANG),
    ],
)
def test_late_answer_is_the_cause_where_the_command_did_not_wait(
    output: str, kind: ExitKind
) -> None:
    """If a command timed out or was killed, the cause names the late answer."""
    cause = told("slow", output, kind)
    assert "was answered with a delay (fault slow), as step 1 made it answer late" in cause


def test_page_without_files_is_told_where_another_index_was_not_asked() -> None:
    """The cause names an empty page or a login page after which no other index was asked."""
    first = {"url": "https://first.example/simple", "unknown-status": "login-page"}
    empty = replace(page(), subject=replace(page().subject, index="first"))
    played = Told(INSTALL, [empty], exit=ExitKind.FAILURE, output="error: no versions of foo\n")
    of = history(played, indexes={"first": first, "pypi": PYPI})
    [cause] = causes(of, {"exit": "success"})
    assert "was answered with 200 and a page that lists no file of foo, and index pypi" in cause
    assert "which has foo, was not asked" in cause
