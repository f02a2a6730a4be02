"""The cause of what was not expected, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.messages import Exchange, Headers, Kind, Subject
from pytest_indexcache.run.causes.explain import explained
from pytest_indexcache.run.plays.expectations import Observation, check_step
from pytest_indexcache.run.plays.ledger import Ledger
from pytest_indexcache.run.plays.venv import Distribution
from pytest_indexcache.scenario.model import Scenario

NO_STORE = "no-cache,no-store,must-revalidate"
URL = "https://download.pytorch.org/whl/cpu/torch-2.8.0%2Bcpu-py3-none-any.whl"
FILENAME = "torch-2.8.0+cpu-py3-none-any.whl"


def wheel(at: float = 0.0, cache_control: str | None = NO_STORE, **fields: str) -> Exchange:
    """Make the exchange of torch's wheel with some response headers."""
    headers = {"Cache-Control": cache_control} if cache_control else {}
    return Exchange(
        at=at,
        method="GET",
        url=URL,
        request_headers=Headers(),
        status=200,
        response_headers=Headers.of({**headers, **fields}),
        sent=9,
        length=9,
        subject=Subject(Kind.WHEEL, "pytorch-cpu", "torch", FILENAME),
    )


def made(**changes: object) -> Scenario:
    """Make a scenario with the index of torch, and three steps unless others are given."""
    steps = [{"do": "sync"}, {"do": "remove-venv"}, {"do": "sync"}]
    index = {"url": "https://download.pytorch.org/whl/cpu", "packages": {"torch": {"2.8.0": {}}}}
    base = {"title": "t", "indexes": {"pytorch-cpu": index}, "steps": steps}
    return Scenario.model_validate({**base, **changes})


def causes(
    scenario: Scenario, earlier: Exchange | None, seen: Observation, expect: Mapping[str, object]
) -> list[str]:
    """Return the causes of all that does not hold at step 3, after an exchange in step 1."""
    ledger = Ledger()
    ledger.begin(1)
    if earlier is not None:
        ledger.record(earlier)
    step = scenario.steps[-1].expect.model_validate(expect)
    checks = explained(check_step(step, seen), seen, scenario, ledger, 3)
    return [cause for check in checks for cause in check.causes]


def second(exchange: Exchange) -> Observation:
    """Return what was seen of a step in which this was exchanged."""
    return Observation(ExitKind.SUCCESS, exchanges=[exchange])


NONE: Mapping[str, object] = {"downloads": {}}


def test_no_store_is_named_with_its_header_and_the_missing_override() -> None:
    """A wheel whose response said no-store comes again because it was not stored."""
    [cause] = causes(made(), wheel(), second(wheel(9)), NONE)
    assert cause.startswith(f"{FILENAME} was downloaded again: in step 1 the response said")
    assert "no-store, so it was not stored" in cause
    assert f"(cache-control: {NO_STORE})" in cause
    assert "no override for index pytorch-cpu" in cause
    assert "its page names the sha256 of the file" in cause


def test_an_override_that_did_not_work_is_named() -> None:
    """Where the project overrides the header, the cause is that it was not applied."""
    scenario = made(**{"cache-control": {"pytorch-cpu": {"files": "max-age=99"}}})
    [cause] = causes(scenario, wheel(), second(wheel(9)), NONE)
    assert "overrides the cache-control of files of index pytorch-cpu with 'max-age=99'" in cause


def test_a_fresh_response_that_was_not_reused_is_named() -> None:
    """The time for which the earlier response is fresh still is told."""
    fresh = wheel(0, "max-age=100")
    [cause] = causes(made(), fresh, second(wheel(40, "max-age=100")), NONE)
    assert "although the response of step 1 is fresh for 60 s more" in cause


def test_a_stale_response_without_validation_is_named() -> None:
    """A stale response that was not revalidated is told with lifetime and age."""
    [cause] = causes(made(), wheel(0, "max-age=5"), second(wheel(40)), NONE)
    assert "was stale, of lifetime 5 s and age 40 s" in cause
    assert "no conditional request was made" in cause


def test_a_cleared_cache_is_the_cause() -> None:
    """After clear-cache a second download is explained by it."""
    steps = [{"do": "sync"}, {"do": "clear-cache"}, {"do": "sync"}]
    [cause] = causes(made(steps=steps), wheel(), second(wheel(9)), NONE)
    assert cause == f"{FILENAME} was downloaded again: step 2 cleared the cache"


def test_a_replaced_file_is_the_cause() -> None:
    """After replace a second download is explained by it."""
    change = {"do": "replace", "index": "pytorch-cpu", "project": "torch", "version": "2.8.0"}
    scenario = made(steps=[{"do": "sync"}, change, {"do": "sync"}])
    [cause] = causes(scenario, wheel(), second(wheel(9)), NONE)
    assert cause.endswith("step 2 changed the file on index pytorch-cpu (replace)")


def test_a_first_download_says_so() -> None:
    """Without an earlier download there is nothing to reuse."""
    [cause] = causes(made(), None, second(wheel()), NONE)
    assert "for the first time" in cause


def test_two_downloads_in_one_step_are_named() -> None:
    """The second of two downloads in one step is told as such."""
    seen = Observation(ExitKind.SUCCESS, exchanges=[wheel(1), wheel(2)])
    found = causes(made(), None, seen, NONE)
    assert f"{FILENAME} was downloaded 2 times in this one step" in found


def test_a_download_that_is_missing_was_reused_or_never_asked_for() -> None:
    """A download that did not happen is explained by what came before."""
    wanted = {"downloads": {"torch": 1}}
    [cause] = causes(made(), wheel(), Observation(ExitKind.SUCCESS), wanted)
    assert cause == f"{FILENAME} came in step 1 (cache-control: {NO_STORE}) and was reused"
    [cause] = causes(made(), None, Observation(ExitKind.SUCCESS), wanted)
    assert cause == "the installer asked no index for it, in this step or before"


def test_a_failed_request_is_the_cause_of_a_missing_download() -> None:
    """The request that failed is named with its status and fault."""
    broken = replace(wheel(), status=503, sent=0)
    faulty = replace(broken, subject=replace(broken.subject, fault="status"))
    [cause] = causes(made(), None, second(faulty), {"downloads": {"torch": 1}})
    assert cause == f"GET {URL} failed: status 503, fault status, 0 of 9 bytes"


def test_a_command_that_failed_is_explained_by_its_last_words() -> None:
    """The last line of the output is the cause of a failure."""
    seen = Observation(ExitKind.FAILURE, output="Resolving\n  No solution found\n\n")
    assert causes(made(), None, seen, {}) == ["the installer said: No solution found"]


def test_what_was_kept_in_the_venv_is_named(tmp_path: Path) -> None:
    """A distribution that should have gone is told with its version and origin."""
    kept = {"torch": Distribution("torch", "2.9.0+cpu", tmp_path)}
    seen = Observation(ExitKind.SUCCESS, before=kept, after=kept)
    [cause] = causes(made(), None, seen, {"installed": {"torch": "2.9.0"}})
    assert cause == (
        "the venv held torch 2.9.0+cpu (from index) before the step, "
        "and the installer kept it, and no index was asked for it"
    )


def test_requests_that_should_not_have_been_made_are_traced() -> None:
    """A page that was asked for again is told with what it got before."""
    page = replace(
        wheel(), url="https://a/simple/torch/", subject=Subject(Kind.PAGE, "pytorch-cpu")
    )
    [cause] = causes(made(), page, second(page), {"requests": {"page": 0}})
    assert (
        cause
        == f"https://a/simple/torch/ was asked for again: step 1 got cache-control: {NO_STORE}"
    )


def test_a_success_that_should_have_been_a_failure_is_explained() -> None:
    """What was accepted, or that nothing had to be asked, is told."""
    faulty = replace(wheel(), subject=replace(wheel().subject, fault="wrong-hash"))
    [cause] = causes(made(), None, second(faulty), {"exit": "failure"})
    assert cause == f"the installer accepted {FILENAME}, served with the fault wrong-hash"
    [cause] = causes(made(), None, Observation(ExitKind.SUCCESS), {"exit": "failure"})
    assert cause == "the installer found what it needed in what it stored, with 0 requests"
