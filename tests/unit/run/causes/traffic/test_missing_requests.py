"""Causes of fewer requests of a kind than expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from pytest_indexcache.installers.contract.exits import ExitKind

from ..histories import INSTALL, PUBLISH, PYPI, REPLACE, Told, causes, history, page, wheel

PAGE: Mapping[str, Any] = {"requests": {"page": ">= 1"}}
RANGE: Mapping[str, Any] = {"requests": {"range": ">= 1"}}
HEAD = replace(wheel(), method="HEAD", sent=0, length=0)
HELD = {"foo": "1.0"}


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([{**INSTALL, "offline": True}], "step 1 is offline, so it made no request"),
        (
            [Told(INSTALL, [page(cache_control="max-age=600")]), PUBLISH, INSTALL],
            "the page of foo that came in step 1 may be reused for 600 s",
        ),
        (
            [Told(INSTALL, [page(cache_control="max-age=600")]), INSTALL],
            "step 2 used it without asking index pypi. A page sent with no-cache",
        ),
        (
            [
                Told({"do": "lock"}, [page()], lockfile="a"),
                Told(REPLACE, lockfile="a"),
                Told({"do": "lock", "refresh": True}, lockfile="a"),
            ],
            "step 3, with refresh, kept the lockfile of step 1 as it was and asked no index at "
            "all, so it did not see the change of step 2 (replace)",
        ),
        (
            [Told(INSTALL, before=HELD, after=HELD)],
            "the venv already met the requirements of step 1, so no request was needed",
        ),
        ([INSTALL], "step 1 made no request of the kind page"),
    ],
)
def test_page_that_was_not_asked_for_is_told_with_what_stood_for_it(
    steps: list[Any], words: str
) -> None:
    """If a page was not requested, the cause names the page, lockfile or venv used instead."""
    [cause] = causes(history(*steps), PAGE)
    assert words in cause


def test_files_that_came_before_are_told_where_files_are_counted() -> None:
    """If too few wheels were requested, the cause names the reused ones, even after a clear."""
    clear = {"do": "clear-cache"}
    first = Told(INSTALL, [wheel(cache_control="max-age=9")])
    [cause] = causes(history(first, clear, INSTALL), {"requests": {"wheel": 1}})
    assert cause == (
        "foo-1.0-py3-none-any.whl came in step 1 and was not asked for again in step 3, although "
        "step 2 cleared the cache; the response of step 1 may be reused for 9 s without asking "
        "(cache-control: max-age=9)"
    )
    two = Told(INSTALL, [wheel(), wheel(1, version="2.0")])
    [cause] = causes(history(two, INSTALL), {"requests": {"wheel": 2}})
    assert cause.endswith("had come in earlier steps, and step 2 did not ask for them again")


def test_page_is_no_cause_where_a_command_crashed() -> None:
    """If the command crashed or had a usage error, a stored page is not the cause."""
    first = Told(INSTALL, [page(cache_control="max-age=600")])
    for end in (ExitKind.CRASH, ExitKind.USAGE, ExitKind.HANG):
        found = causes(history(first, PUBLISH, Told(INSTALL, exit=end)), PAGE)
        assert found[-1] == "step 3 made no request of the kind page"


def test_lockfile_stands_before_a_page_that_it_makes_needless() -> None:
    """If the lockfile lists the project, the lockfile is the cause, not a page."""
    lock = 'name = "foo"'
    first = Told({"do": "lock"}, [page(cache_control="max-age=600")], lockfile=lock)
    sync = Told({"do": "sync"}, [wheel(9)], lockfile=lock)
    [cause] = causes(history(first, Told(PUBLISH, lockfile=lock), sync), PAGE)
    assert cause == (
        "step 3 kept the lockfile of step 1 as it was and asked no index for a page, so it did not "
        "see the change of step 2 (publish)"
    )


def test_page_of_an_index_without_override_is_told_with_the_overrides_of_others() -> None:
    """The cause names an override of the header field that is set only for another index."""
    overrides = {"cache-control": {"torch": {"pages": "max-age=9"}}}
    indexes = {"pypi": PYPI, "torch": {"url": "https://torch.example/whl"}}
    first = Told(INSTALL, [page(cache_control="no-store")])
    [cause] = causes(history(first, INSTALL, indexes=indexes, **overrides), PAGE)
    assert "(the project overrides Cache-Control only of index torch)" in cause


def test_search_that_found_the_project_is_told() -> None:
    """If an index was not asked, the cause names the index that has the project."""
    indexes = {"pypi": PYPI, "second": {"url": "https://second.example/simple"}}
    of = history(Told(INSTALL, [page()]), indexes=indexes)
    [cause] = causes(of, {"requests-to": {"second": {"page": 1}}})
    assert cause == (
        "index pypi has the page of foo and was asked for it; index second was not asked"
    )


def test_search_that_ended_at_another_index_is_told() -> None:
    """If an index was not asked, the cause names the refusal of the index before it."""
    indexes = {"pypi": PYPI, "second": {"url": "https://second.example/simple"}}
    of = history(Told(INSTALL, [page(status=403)]), indexes=indexes)
    [cause] = causes(of, {"requests-to": {"second": {"page": 1}}})
    assert cause == (
        "index pypi answered the page of foo with 403; index second was not asked after that"
    )


@pytest.mark.parametrize(
    ("exchanges", "words"),
    [
        ([HEAD, wheel(1)], "HEAD for foo-1.0-py3-none-any.whl was answered 200 without Accept-Ran"),
        ([replace(wheel(), sent=3), wheel(1)], "cut off after 3 of 9 bytes, and the next request"),
    ],
)
def test_range_that_was_not_asked_for_is_told(exchanges: list[Any], words: str) -> None:
    """The cause of a missing range names a HEAD without ranges, or the restarted download."""
    [cause] = causes(history(Told(INSTALL, exchanges)), RANGE)
    assert words in cause


def test_request_that_failed_once_and_was_not_made_again_is_told() -> None:
    """The cause names a page that was cut off and not requested again, with its length."""
    of = history(Told(INSTALL, [replace(page(), sent=3)]))
    [cause] = causes(of, {"requests": {"page": 2}})
    assert cause == (
        "the page of foo was answered with 200, cut off after 3 of 9 bytes and was not asked for "
        "again"
    )


def test_page_without_a_condition_is_told_where_one_is_expected() -> None:
    """The cause of a missing condition names the request and the earlier response."""
    of = history(Told(INSTALL, [page()]), Told(INSTALL, [page(9)]))
    for expected in ({"requests": {"conditional": 1}}, {"revalidated": {"foo": 1}}):
        [cause] = causes(of, expected)
        assert "no validator (no etag, no last-modified)" in cause
        assert "asked for it again without a condition" in cause


def test_request_that_was_made_again_is_told_with_both_answers() -> None:
    """A failed request that was repeated is reported with both answers."""
    of = history(Told(INSTALL, [page(status=503), page(1)]))
    [cause] = causes(of, {"requests": {"page": 7}})
    assert cause == (
        "step 1 made 2 requests of the kind page (GET for the page of foo, answered with 503; GET "
        "for the page of foo, answered with 200)"
    )


def test_index_that_was_asked_for_a_page_is_not_called_one_that_was_not_asked() -> None:
    """If this index sent the page and another index the wheel, the cause names both requests."""
    indexes = {
        "pypi": PYPI,
        "corp": {"url": "https://corp.example/simple", "packages": {"foo": {"2.0": {}}}},
    }
    own = page()
    corp = replace(own, subject=replace(own.subject, index="corp"))
    step = {**INSTALL, "extra-indexes": ["corp"]}
    expect = {"requests-to": {"pypi": {"wheel": 1}}}
    both = history(Told(step, [corp, own, wheel(index="corp")]), indexes=indexes)
    assert causes(both, expect) == [
        "step 1 got foo-1.0-py3-none-any.whl from index corp, and from index pypi only the page of "
        "foo"
    ]


def test_metadata_that_no_index_serves_is_told_so() -> None:
    """If no index offers metadata, the cause of a missing metadata request says so."""
    of = history(Told(INSTALL, [page(), wheel()]), indexes={"pypi": {**PYPI, "metadata": False}})
    [cause] = causes(of, {"requests": {"metadata": 1}})
    assert cause == (
        "step 1 made no request of the kind metadata: index pypi serves no core metadata "
        "for foo-1.0-py3-none-any.whl (PEP 658)"
    )


def test_offline_step_that_asked_all_the_same_is_not_said_to_have_made_no_request() -> None:
    """Offline mode is the cause only if the step made no request."""
    of = history(Told({**INSTALL, "offline": True}, [page()]))
    [cause] = causes(of, {"requests": {"page": 2}})
    assert "made no request" not in cause


@pytest.mark.parametrize("number", [0, 1])
def test_page_is_not_used_by_or_after_a_step_without_a_cache(number: int) -> None:
    """A step with ``no-cache`` neither stores nor reuses a page."""
    steps: list[Mapping[str, Any]] = [INSTALL, INSTALL]
    steps[number] = {**INSTALL, "no-cache": True}
    first = Told(steps[0], [page(cache_control="max-age=600")])
    assert causes(history(first, PUBLISH, steps[1]), PAGE) == [
        "step 3 made no request of the kind page"
    ]


def test_each_page_that_was_asked_for_without_a_condition_is_told() -> None:
    """Pages that were requested for the same reason share a sentence with all project names."""
    names = ("foo", "bar")
    first = [page(project=name, etag="a") for name in names]
    of = history(Told(INSTALL, first), Told(INSTALL, [page(9, project=name) for name in names]))
    [cause] = causes(of, {"requests": {"conditional": 2}})
    assert cause.startswith("the page of foo that came in step 1 has no lifetime")
    assert cause.endswith("the answer was 200. The same holds for the page of bar")


def test_requirements_that_are_resolved_anew_spare_no_request() -> None:
    """The unchanged output of ``compile`` is not the cause of a missing request."""
    compiled = {"do": "compile", "requirements": ["foo"]}
    first = Told(compiled, [page(expires="0")], lockfile="a")
    [cause] = causes(history(first, Told(compiled, lockfile="a")), PAGE)
    assert cause.startswith("the page of foo that came in step 1 has a lifetime of zero")
