"""Causes for a file that was downloaded again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from pytest_indexcache.messages import Exchange, Headers

from ..histories import (
    INSTALL,
    PYPI,
    REMOVE_VENV,
    REPLACE,
    Told,
    asked_with,
    causes,
    history,
    page,
    wheel,
)

NONE: Mapping[str, Any] = {"downloads": {}}
FRESH: Mapping[str, Any] = {"cache_control": "max-age=600"}
NAME = "foo-1.0-py3-none-any.whl"


def again(between: Mapping[str, Any], first: Exchange, second: Exchange, **step: Any) -> str:
    """Return the cause of a second download at step 3, with another step before it."""
    told = Told({**INSTALL, **step}, [second])
    [cause] = causes(history(Told(INSTALL, [first]), between, told), NONE)
    assert cause.startswith(f"{NAME} was downloaded again: ")
    return cause


@pytest.mark.parametrize(
    ("between", "words"),
    [
        ({"do": "clear-cache"}, "step 2 cleared the cache of everything"),
        ({"do": "clear-cache", "projects": ["foo"]}, "step 2 cleared the cache of foo"),
        ({"do": "prune-cache", "ci": True}, "step 2 pruned the cache with --ci"),
        ({"do": "damage", "entries": "**/*", "how": "remove"}, "step 2 removed **/* in the cache"),
        ({"do": "damage", "entries": "*.whl", "how": "truncate"}, "damaged (truncate) *.whl"),
        (REPLACE, "step 2 replaced foo 1.0 after it had come in step 1"),
        ({"do": "clear-cache", "projects": ["bar"]}, "may be reused for 600 s"),
        (REMOVE_VENV, "may be reused for 600 s without asking (cache-control: max-age=600)"),
    ],
)
def test_step_in_between_that_took_the_file_away_is_named(
    between: Mapping[str, Any], words: str
) -> None:
    """The cause is the step between the downloads that changed or removed the file."""
    assert words in again(between, wheel(0, **FRESH), wheel(9, **FRESH))


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({"no-cache": True}, "step 3 was played with no-cache"),
        ({"refresh": True}, "step 3 was told to refresh it"),
        ({"reinstall": ["foo"]}, "step 3 was told to reinstall it"),
        ({"reinstall": ["bar"]}, "may be reused for 600 s"),
        ({"python": "3.12"}, "step 3 is for Python 3.12, and step 1 was for the default Python"),
    ],
)
def test_option_of_the_step_is_named(step: Mapping[str, Any], words: str) -> None:
    """The cause is the step's option that forbids reuse."""
    assert words in again(REMOVE_VENV, wheel(0, **FRESH), wheel(9, **FRESH), **step)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"cache_control": "no-store"}, "said no-store, so it must not be stored"),
        (
            {"cache_control": "max-age=5", "etag": "a"},
            "had become stale (cache-control: max-age=5)",
        ),
        ({"cache_control": "max-age=5", "etag": "a"}, "and no conditional request was made"),
        ({}, "no lifetime (no cache-control, no expires) and no validator"),
        ({"cache_control": "max-age=0"}, "has a lifetime of zero"),
    ],
)
def test_header_that_kept_it_from_being_reused_is_named(
    fields: Mapping[str, Any], words: str
) -> None:
    """The cause names the header of the earlier response that forbids its reuse (RFC 9111)."""
    cause = again(REMOVE_VENV, wheel(0, **fields), wheel(9))
    assert words in cause
    assert "names the sha256" not in cause, "no page was asked for"


def test_hash_is_named_where_the_page_was_asked_for() -> None:
    """The cause names the hash on the page by which the cached file could be recognised."""
    second = Told(INSTALL, [page(8), wheel(9)])
    [cause] = causes(history(Told(INSTALL, [wheel()]), REMOVE_VENV, second), NONE)
    assert cause.endswith("although its page names the sha256 by which it could be recognized")


def test_response_that_may_not_be_stored_stands_before_a_step_in_between() -> None:
    """If a response must not be stored, a step between the downloads is not the cause."""
    no_store = wheel(cache_control="no-store")
    for between in ({"do": "prune-cache"}, {"do": "clear-cache"}):
        assert "said no-store, so it must not be stored" in again(between, no_store, wheel(9))


def test_another_release_is_named_with_both() -> None:
    """If two releases of the installer made the downloads, the cause names both."""
    steps = Told(INSTALL, [wheel(**FRESH)], release="2.0"), Told(INSTALL, [wheel(9)], release="1.0")
    [cause] = causes(history(*steps), NONE)
    assert (
        "step 2 was played by release 1.0, which did not use the response that release 2.0" in cause
    )


def test_override_that_was_not_applied_is_named() -> None:
    """The cause names the project's override of the header, which was not applied."""
    of = history(
        Told(INSTALL, [wheel(cache_control="no-store")]),
        Told(INSTALL, [wheel(9)]),
        **{"cache-control": {"pypi": {"files": "max-age=99"}}},
    )
    [cause] = causes(of, NONE)
    assert "overrides the Cache-Control of files of index pypi with 'max-age=99'" in cause
    assert "not applied: the response of step 1 said cache-control: no-store" in cause


def test_another_url_or_index_or_password_is_named() -> None:
    """If the URL, index or password of a file with the same name differs, the cause says so."""
    first, second = wheel(**FRESH), wheel(9, **FRESH)
    plus = replace(second, url=second.url.replace("-1.0", "%2B1.0"))
    assert f"its URL changed: {first.url} in step 1, now {plus.url}" in again(
        REMOVE_VENV, first, plus
    )
    query = replace(second, url=f"{second.url}?token=2")
    assert "the query of its URL differs" in again(REMOVE_VENV, first, query)
    other = replace(second, subject=replace(second.subject, index="mirror"))
    assert "it came from index mirror, and in step 1 from index pypi" in again(
        REMOVE_VENV, first, other
    )
    mine, theirs = (
        asked_with(one, Authorization=name) for one, name in ((first, "a"), (second, "b"))
    )
    assert "with another user or password than step 1" in again(REMOVE_VENV, mine, theirs)


def test_signed_url_is_named_with_its_index() -> None:
    """The cause is a redirect to a URL whose signature changes each time."""
    first = replace(wheel(**FRESH), url="https://blob.example/foo.whl?sig=1")
    second = replace(wheel(9, **FRESH), url="https://blob.example/foo.whl?sig=2")
    answer = wheel(8, location="https://blob.example/foo.whl?sig=2")
    redirect = replace(answer, status=302, sent=0, length=0)
    of = history(Told(INSTALL, [first]), REMOVE_VENV, Told(INSTALL, [redirect, second]))
    [cause] = causes(of, NONE)
    assert "index pypi redirects it to a signed URL that differs each time" in cause


def test_same_file_by_another_index_is_named() -> None:
    """If two indexes list a file at the same URL, the cause names both."""
    other = replace(page(8), subject=replace(page().subject, index="mirror"))
    of = history(
        Told(INSTALL, [page(), wheel(**FRESH)]),
        Told(INSTALL, [other, wheel(9, **FRESH)]),
        indexes={"pypi": PYPI, "mirror": {"url": "https://mirror.example/simple"}},
    )
    [cause] = causes(of, NONE)
    assert "step 2 found it on the page of index mirror, and step 1" in cause
    assert "on that of index pypi" in cause


def test_lockfile_with_hashes_after_an_install_without_is_named() -> None:
    """The cause names the lockfile's hash, and the earlier install without a hash."""
    lockfile = f'url = "https://files.example/{NAME}"\nhash = "sha256:1"\n'
    second = Told({"do": "sync"}, [wheel(9, **FRESH)], lockfile=lockfile)
    [cause] = causes(history(Told(INSTALL, [wheel(**FRESH)]), second), NONE)
    assert "step 1 installed it without a hash, and step 2 uses a lockfile that names" in cause


def test_plain_http_is_named() -> None:
    """The cause of a repeated download over http names the missing TLS and the header."""
    first, second = (
        replace(wheel(at, **FRESH), url=f"http://files.example/{NAME}") for at in (0.0, 9.0)
    )
    assert "it came over plain http, without TLS" in again(REMOVE_VENV, first, second)


def test_conditional_request_that_got_the_whole_file_is_named() -> None:
    """The cause names a conditional request that was answered by the whole file."""
    first = wheel(cache_control="max-age=0", etag='"a"')
    second = replace(wheel(9), request_headers=Headers.of({"If-None-Match": '"a"'}))
    cause = again(REMOVE_VENV, first, second)
    assert "and a conditional request was answered with the whole file" in cause
