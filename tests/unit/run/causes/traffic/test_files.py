"""Causes of more or fewer downloads than expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.messages import Exchange, Kind

from ..histories import (
    INSTALL,
    PUBLISH,
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
ONE: Mapping[str, Any] = {"downloads": {"foo": 1}}
NAME = "foo-1.0-py3-none-any.whl"
SPARE = {"pypi": {**PYPI, "metadata": False, "ranges": False}}


def head(status: int = 200, **fields: Any) -> Exchange:
    """Return the response to a HEAD request for the wheel."""
    return replace(wheel(**fields), method="HEAD", status=status, sent=0, length=0)


def test_first_download_is_never_called_a_second_one() -> None:
    """The cause of a first download says that it is the first."""
    [cause] = causes(history(Told(INSTALL, [wheel()])), NONE)
    assert cause == f"{NAME} was downloaded in step 1 for the first time"


def test_first_download_names_the_file_that_came_before() -> None:
    """The cause of a first download names an earlier file of the same project, if any."""
    of = history(Told(INSTALL, [wheel()]), PUBLISH, Told(INSTALL, [wheel(9, version="2.0")]))
    [cause] = causes(of, NONE)
    assert cause.endswith(f"in step 3 for the first time; step 1 had got {NAME}")


@pytest.mark.parametrize(
    ("head_answer", "words"),
    [
        (head(), "offers no ranges (HEAD was answered 200 without Accept-Ranges)"),
        (head(405), "(HEAD was answered 405 without Accept-Ranges)"),
        (None, "and was not asked for a range"),
    ],
)
def test_two_downloads_in_one_step_are_told_with_metadata_and_ranges(
    head_answer: Exchange | None, words: str
) -> None:
    """The cause of two downloads says that the index offers neither metadata nor ranges."""
    before = [] if head_answer is None else [head_answer]
    [cause] = causes(history(Told(INSTALL, [*before, wheel(), wheel(1)]), indexes=SPARE), ONE)
    assert cause.startswith(
        f"{NAME} was downloaded twice in step 1: index pypi serves no core metadata"
    )
    assert words in cause


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        (
            {"foo": 1},
            f"{NAME} was downloaded twice in step 3, and its first response said no-store",
        ),
        ({}, f"{NAME} was downloaded again: step 2 replaced foo 1.0 after it had come in step 1"),
    ],
)
def test_one_download_too_many_is_told_of_the_step_alone(
    expected: dict[str, int], words: str
) -> None:
    """If one download is expected, the cause explains only the second download of the step."""
    first = Told(INSTALL, [wheel()])
    last = Told(INSTALL, [wheel(8, cache_control="no-store"), wheel(9)])
    [cause] = causes(history(first, REPLACE, last), {"downloads": expected})
    assert cause.startswith(words)


def test_two_downloads_where_metadata_is_served_are_told_with_the_header() -> None:
    """If metadata is offered, the cause of two downloads names the first response's header."""
    of = history(Told(INSTALL, [wheel(cache_control="no-store"), wheel(1)]))
    [cause] = causes(of, ONE)
    assert "twice in step 1, and its first response said no-store" in cause


def test_lock_that_downloads_is_told_with_what_the_page_lacks() -> None:
    """If a lock downloads a file, the cause names the hash or metadata that its page lacks."""
    without_hash = {"pypi": {**SPARE["pypi"], "hashes": "none"}}
    [cause] = causes(history(Told({"do": "lock"}, [wheel()]), indexes=without_hash), NONE)
    assert "by a step that installs nothing: its page on index pypi names no hash, and" in cause
    assert "serves no core metadata for it" in cause


def test_sdist_of_a_step_without_wheels_is_told_with_the_option() -> None:
    """If an sdist was downloaded, the cause names the option that excludes wheels."""
    subject = replace(wheel().subject, filename="foo-1.0.tar.gz", kind=Kind.SDIST)
    sdist = replace(wheel(), subject=subject)
    [cause] = causes(history(Told({**INSTALL, "no-binary": True}, [sdist])), NONE)
    assert cause.endswith("by a step that was told not to use wheels (no-binary)")


def test_download_after_failures_is_told_with_them() -> None:
    """The cause of a repeated download names the earlier responses that were cut off."""
    cut = replace(wheel(), sent=3, subject=replace(wheel().subject, fault="cut"))
    [cause] = causes(history(Told(INSTALL, [cut, cut, wheel(2)])), NONE)
    assert cause.endswith("after twice it had been answered with 200, cut off after 3 of 9 bytes")


def test_files_of_one_reason_share_a_sentence() -> None:
    """Files that were downloaded again for the same reason are in one sentence."""
    bar = replace(wheel(), subject=replace(wheel().subject, filename="bar.whl", project="bar"))
    of = history(
        Told(INSTALL, [wheel(), bar]), {"do": "clear-cache"}, Told(INSTALL, [wheel(), bar])
    )
    [cause] = causes(of, {"downloads": 0})
    assert cause.startswith(f"{NAME} and bar.whl were downloaded again: step 2 cleared the cache")


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (
            [Told(INSTALL, [replace(wheel(), status=503, sent=0, length=0)])],
            f"GET for {NAME} was answered with 503",
        ),
        (
            [Told(INSTALL, [wheel(cache_control="max-age=9")]), REMOVE_VENV, INSTALL],
            f"{NAME} came in step 1 and was not asked for again in step 3; the response of step 1 "
            "may be reused for 9 s without asking (cache-control: max-age=9)",
        ),
        (
            [Told(INSTALL, [wheel(cache_control="max-age=9")]), REPLACE, INSTALL],
            "and step 2 replaced foo 1.0 after it came",
        ),
        (
            [Told(INSTALL, [page(cache_control="max-age=9"), wheel()]), PUBLISH, INSTALL],
            f"step 3 used it without asking index pypi, and with it {NAME} of step 1",
        ),
        (
            [Told(INSTALL, before={"foo": "1.0"}, after={"foo": "1.0"})],
            "the venv held foo 1.0 before step 1, and the step left it as it was",
        ),
        ([INSTALL], "step 1 made no request for a file or page of foo"),
        ([{**INSTALL, "offline": True}], "step 1, which is offline, made no request"),
        ([Told(INSTALL, [page()])], "step 1 asked for the page of foo, and for no whole file"),
    ],
)
def test_missing_download_is_told_with_what_stood_for_it(steps: list[Any], words: str) -> None:
    """The cause of a missing download names a failure, or the earlier response that was reused."""
    [cause] = causes(history(*steps), ONE)
    assert words in cause


def test_sdist_in_place_of_a_wheel_is_told_with_the_lockfile() -> None:
    """If a wheel was not downloaded, the cause names a lockfile with only the sdist."""
    files = {"files": [{"kind": "sdist"}]}
    index = {"pypi": {**PYPI, "packages": {"foo": {"1.0": files}}}}
    wheels = {**PUBLISH, "version": "1.0", "contents": {"files": [{"kind": "wheel"}]}}
    subject = replace(wheel().subject, filename="foo-1.0.tar.gz", kind=Kind.SDIST)
    sdist = replace(wheel(), subject=subject)
    lock = Told({"do": "lock"}, lockfile='name = "foo-1.0.tar.gz"')
    sync = Told({"do": "sync"}, [sdist], lockfile='name = "foo-1.0.tar.gz"')
    of = history({"do": "clear-cache"}, wheels, lock, sync, indexes=index)
    [cause] = causes(of, {"downloads": {"*.whl": 1, "*": "any"}})
    assert cause == (
        f"foo-1.0.tar.gz was downloaded instead of {NAME}, which index pypi offers: the lockfile "
        "that step 3 wrote names foo-1.0.tar.gz and not the wheel, although step 2 "
        "published foo 1.0"
    )


def test_file_that_was_revalidated_is_not_called_one_that_was_not_asked_for() -> None:
    """The cause of a missing download names the 304 that the installer received."""
    again = replace(wheel(9), status=304, sent=0, length=0)
    of = history(Told(INSTALL, [wheel()]), Told({**INSTALL, "reinstall": True}, [again]))
    [cause] = causes(of, {"downloads": 5})
    assert cause == (
        f"step 2 revalidated {NAME} that came in step 1, and the index answered with a 304, so "
        "that its body was not sent again"
    )


def test_file_that_came_by_ranges_alone_is_told_so() -> None:
    """If a file came only in ranges, the cause of the missing download says so."""
    [cause] = causes(history(Told(INSTALL, [replace(wheel(), status=206)])), ONE)
    assert cause == f"step 1 asked for {NAME} only by ranges (206), and never for the whole file"


def test_failed_request_is_told_with_the_requests_that_followed() -> None:
    """The cause names a body that was cut off, and the range that completed it."""
    exchanges = [replace(wheel(), sent=4), replace(wheel(1), status=206)]
    [cause] = causes(history(Told(INSTALL, exchanges)), ONE)
    assert cause == (
        f"GET for {NAME} was answered with 200, cut off after 4 of 9 bytes; then came GET, "
        "answered with 206"
    )


def test_page_is_no_cause_where_the_venv_meets_the_install() -> None:
    """If the venv already satisfies an install, no cause names a page, however old the page is."""
    held = {"foo": "1.0"}
    of = history(
        Told(INSTALL, [page(cache_control="no-store")], after=held),
        PUBLISH,
        Told(INSTALL, before=held, after=held),
    )
    [cause] = causes(of, ONE)
    assert cause.startswith("the venv held foo 1.0 before step 3, and the step left it")


def test_missing_download_of_a_failed_step_is_told_with_the_failure() -> None:
    """If a step failed, the cause of a missing download is the failure, not the venv."""
    held = {"foo": "1.0"}
    failed = Told(INSTALL, [page(9, 401)], before=held, after=held, exit=ExitKind.FAILURE)
    of = history(Told(INSTALL, [page(), wheel()], after=held), failed)
    assert causes(of, {**ONE, "exit": "any"}) == [
        "step 2 failed before it asked for a file of foo: the page of foo was answered with 401"
    ]
    alone = history(Told(INSTALL, exit=ExitKind.FAILURE))
    assert causes(alone, {"downloads": 1, "exit": "any"}) == [
        "step 1 failed before it asked for any file"
    ]


def test_sdist_instead_of_a_wheel_is_told_with_the_option() -> None:
    """If an sdist was used, the cause of the missing wheel names the option against wheels."""
    files = [{"kind": "wheel"}, {"kind": "sdist"}]
    packages = {"foo": {"1.0": {"files": files}}}
    subject = replace(wheel().subject, filename="foo-1.0.tar.gz", kind=Kind.SDIST)
    step = Told({**INSTALL, "no-binary": True}, [replace(wheel(), subject=subject)])
    [cause] = causes(
        history(step, indexes={"pypi": {**PYPI, "packages": packages}}),
        {"downloads": {"*.whl": 1, "*.tar.gz": 1}},
    )
    assert cause.endswith("which index pypi offers: step 1 was told not to use wheels (no-binary)")


def test_stale_file_that_was_used_is_told_with_the_hash_on_its_page() -> None:
    """If a stale file was reused, the cause names the hash on its page."""
    first = Told(INSTALL, [page(), wheel(cache_control="no-store")])
    [cause] = causes(history(first, REMOVE_VENV, Told(INSTALL, [page(9, 304)])), ONE)
    assert cause.endswith("and its page names the sha256 by which it can be recognized")
    bare = {"pypi": {**PYPI, "hashes": "none"}}
    [cause] = causes(history(first, REMOVE_VENV, Told(INSTALL, [page(9, 304)]), indexes=bare), ONE)
    assert "by which it can be known" not in cause


LOCKFILE = """name = "foo"
version = "1.0"
wheels = [{{ url = "https://files.example/{name}", hash = "sha256:{sha256}" }}]
"""


def locked_text(of: Any) -> str:
    """Return a lockfile with the sha256 that the wheel has at the beginning."""
    file = of.file("pypi", NAME, 1)
    return LOCKFILE.format(name=NAME, sha256=file.distribution.digests.sha256)


@pytest.mark.parametrize("step", [{"do": "sync"}, {"command": {"uv": "uv -v sync --frozen"}}])
def test_missing_download_is_told_with_the_hash_in_the_lockfile(step: dict[str, Any]) -> None:
    """The cause of a missing download names the lockfile's hash, not the header fields."""
    text = locked_text(history(INSTALL))
    of = history(
        Told({"do": "sync"}, [wheel(cache_control="no-store")], lockfile=text),
        Told(REPLACE, lockfile=text),
        Told(step, lockfile=text),
    )
    assert causes(of, ONE) == [
        f"{NAME} came in step 1 and was not asked for again in step 3; the lockfile of step 1 "
        "names the sha256 of that file, and step 2 replaced foo 1.0 after it came"
    ]


def test_lockfile_is_not_told_where_the_step_did_not_go_by_it() -> None:
    """An install without a project is explained by header fields, not by a lockfile."""
    text = locked_text(history(INSTALL))
    first = Told({"do": "sync"}, [wheel(cache_control="max-age=9")], lockfile=text)
    [cause] = causes(history(first, REMOVE_VENV, Told(INSTALL, lockfile=text)), ONE)
    assert "the response of step 1 may be reused for 9 s" in cause


def test_files_that_were_revalidated_are_told_together() -> None:
    """The cause names each file that got a 304, and the step that downloaded the file."""
    bar = replace(
        wheel(),
        url="https://files.example/bar.whl",
        subject=replace(wheel().subject, filename="bar.whl", project="bar"),
    )
    asked = [replace(one, status=304, sent=0, length=0) for one in (wheel(), bar)]
    asked = [asked_with(one, if_none_match="a") for one in asked]
    of = history(Told(INSTALL, [wheel()]), Told(INSTALL, [bar]), Told(INSTALL, asked))
    assert causes(of, {"downloads": 2}) == [
        f"step 3 revalidated {NAME} that came in step 1 and bar.whl that came in step 2, and the "
        "index answered with a 304 each, so that no body was sent again"
    ]
