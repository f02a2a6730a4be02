"""The choice of a cause: a failed check is explained by the first rule that applies."""

from __future__ import annotations

from pytest_indexcache.run.causes.explain import RULES, explained
from pytest_indexcache.run.plays.checks.step_checks import check_step
from pytest_indexcache.run.plays.results import CheckKind
from pytest_indexcache.scenario.tables.expectation import Expectation

from .histories import INSTALL, REMOVE_VENV, Told, causes, history, page, wheel


def test_a_check_that_holds_gets_no_cause() -> None:
    """A check that holds has no cause."""
    of = history(Told(INSTALL, [page(), wheel()]))
    expect = Expectation.model_validate({"downloads": {"foo": 2}, "requests": {"page": 1}})
    checks = explained(check_step(expect, of.seen), of.played)
    assert [(check.key, bool(check.causes)) for check in checks] == [
        ("exit", False),
        ("downloads.foo", True),
        ("requests.page", False),
    ]


def test_one_check_has_one_cause_of_at_most_two_sentences() -> None:
    """Two groups of repeated downloads are explained, and other files are only listed."""
    of = history(
        Told(INSTALL, [wheel(cache_control="no-store")]),
        REMOVE_VENV,
        Told(INSTALL, [wheel(9, cache_control="no-store")]),
    )
    [cause] = causes(of, {"downloads": {}})
    assert cause.count(". ") <= 1


def test_every_kind_of_traffic_check_has_rules() -> None:
    """Every kind of check of requests or downloads has a rule."""
    kinds = (CheckKind.DOWNLOADS, CheckKind.NOMINAL, CheckKind.REVALIDATED, CheckKind.REQUESTS)
    assert all(RULES[kind] for kind in (*kinds, CheckKind.REQUESTS_TO))
