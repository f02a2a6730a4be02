"""Causes about indexes that a step took down."""

from __future__ import annotations

from dataclasses import replace

from pytest_indexcache.run.causes.facts.questions import Question
from pytest_indexcache.run.causes.traffic.outages import index_is_down
from pytest_indexcache.run.plays.results import Check, CheckKind

from ..histories import INSTALL, Told, history, page

CHECK = Question(Check(CheckKind.EXIT, "success", "failure", held=False), history(INSTALL))
DOWN = {"do": "go-down", "index": "pypi"}
REFUSED = replace(page(), method="CONNECT", url="https://pypi.org:443", status=None)


def test_index_that_is_down_is_named_with_the_step() -> None:
    """The cause names the step that took the index down, and the number of connections."""
    of = history(Told(INSTALL, [page()]), DOWN, Told(INSTALL, [REFUSED, REFUSED]))
    cause = index_is_down(replace(CHECK, history=of))
    assert cause is not None
    assert cause.text == (
        "index pypi has been down since step 2, and step 3 tried to connect to pypi.org twice"
    )


def test_index_that_is_up_again_or_was_not_tried_is_no_cause() -> None:
    """An index that is up again, or that got no connection, is not the cause."""
    back = history(DOWN, {**DOWN, "do": "come-back"}, Told(INSTALL, [REFUSED]))
    untried = history(DOWN, INSTALL)
    assert index_is_down(replace(CHECK, history=back)) is None
    assert index_is_down(replace(CHECK, history=untried)) is None
