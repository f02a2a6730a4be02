"""Every catalogue scenario passes with the reference and fails with a variant."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_indexcache.index.wire.gateway import Gateway
from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.messages import Exchange, Kind
from pytest_indexcache.reference.words.variants import VARIANTS
from pytest_indexcache.run.causes.explain import explained
from pytest_indexcache.run.plays.results import PlayResult, Verdict
from pytest_indexcache.run.plays.runner import Play, play
from pytest_indexcache.run.plays.transports import Transport, in_process, on_the_wire
from pytest_indexcache.scenario.loader import load_scenario
from pytest_indexcache.scenario_files import catalogue_folder, scenario_files
from pytest_indexcache.servers import profile_names, server_at

FILES = scenario_files(catalogue_folder())
SCENARIOS = {path.stem: load_scenario(path) for path in FILES}
REFERENCE = create_installer("reference")
PLAYED = {
    name: scenario for name, scenario in SCENARIOS.items() if REFERENCE.lacks(scenario) is None
}
FAILURES = [
    (name, variant, step)
    for name, scenario in PLAYED.items()
    for variant, step in scenario.variants.items()
]
NEVER_THE_SAME = ("date", "expires", "age", "host", "connection", "accept-encoding", "user-agent")


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    """Open one gateway for all plays."""
    with Gateway(clock=time.time) as opened:
        yield opened


def play_one(name: str, installer: str, connect: Transport, folder: Path) -> PlayResult:
    """Play a scenario of the catalogue."""
    what = Play(
        SCENARIOS[name],
        name,
        create_installer(installer),
        connect,
        "any",
        explain=explained,
    )
    return play(what, folder)


@pytest.mark.parametrize("name", PLAYED)
def test_scenario_fails_for_some_variant(name: str) -> None:
    """Every scenario of the catalogue names a variant that fails in it."""
    assert PLAYED[name].variants, "name a variant that fails it, or delete it"


RECORDED = [
    (name, installer, played)
    for name, scenario in SCENARIOS.items()
    for installer, played in scenario.measured.items()
]
"""Scenarios and installers with the played releases, such as ``0.8.0 - 0.9.10, 7 releases``."""


@pytest.mark.parametrize(("name", "installer", "played"), RECORDED)
def test_what_is_recorded_can_be_played(name: str, installer: str, played: str) -> None:
    """An installer with results in [measured] can still play that scenario."""
    newest = played.partition(";")[0].partition(",")[0].split(" - ")[-1]
    assert create_installer(f"{installer}=={newest}").lacks(SCENARIOS[name]) is None


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_is_affected_was_measured(name: str) -> None:
    """Every installer in [affected] or [sometimes] is also in [measured]."""
    scenario = SCENARIOS[name]
    assert (scenario.affected.keys() | scenario.sometimes.keys()) <= scenario.measured.keys()


@pytest.mark.parametrize("variant", VARIANTS)
def test_variant_fails_some_scenario(variant: str) -> None:
    """Every variant fails at least one scenario of the catalogue."""
    assert any(variant in scenario.variants for scenario in PLAYED.values())


@pytest.mark.parametrize(("name", "variant", "step"), FAILURES)
def test_variant_fails_at_the_step_that_shows_the_bug(
    name: str, variant: str, step: int, tmp_path: Path
) -> None:
    """A variant fails at the step that the scenario names, and at no earlier step.

    If a scenario lists releases that show its bug only sometimes, several plays may be needed.
    """
    plays = 9 if SCENARIOS[name].sometimes else 1
    for number in range(plays):
        folder = tmp_path / str(number)
        result = play_one(name, f"reference:{variant}", in_process(time.time), folder)
        if result.verdict is Verdict.FAILED:
            break
    assert result.verdict is Verdict.FAILED, result.reason
    assert result.failed_step is not None
    assert result.failed_step.number == step
    causes = [cause for check in result.failed_step.checks for cause in check.causes]
    assert causes, "nothing explains the failure"


def likeness(exchange: Exchange) -> tuple[Any, ...]:
    """Return the parts of an exchange that must be equal over both transports.

    A page contains the upload times of its files. These differ between plays, and so do the
    bytes and the compressed length of the page.
    """
    is_page = exchange.subject.kind is Kind.PAGE
    never = {*NEVER_THE_SAME, *(("content-length", "etag") if is_page else ())}
    fields = (exchange.request_headers, exchange.response_headers)
    kept = (tuple(sorted(_kept(headers, never))) for headers in fields)
    subject = replace(exchange.subject, nominal_bytes=0) if is_page else exchange.subject
    # The body of a refusal need not be read, and in process it is sent only as far as it is.
    is_refusal = exchange.status is not None and exchange.status >= 400
    lengths = () if is_page or is_refusal else (exchange.sent, exchange.length)
    return (exchange.method, exchange.url, exchange.status, *lengths, subject, *kept)


def _kept(headers: Any, never: Collection[str]) -> Iterator[tuple[str, str]]:
    for field, value in headers:
        if field.lower() not in never:
            yield field.lower(), value


@pytest.mark.parametrize("name", PLAYED)
def test_both_ways_leave_the_same_ledger(name: str, tmp_path: Path, gateway: Gateway) -> None:
    """Each scenario passes over both transports, with the same exchanges in each step."""
    now = time.time()  # a page says when a file was published, which changes its compressed size

    def clock() -> float:
        return now

    inside = play_one(name, "reference", in_process(clock), tmp_path / "inside")
    outside = play_one(name, "reference", on_the_wire(gateway, clock), tmp_path / "outside")
    for result in (inside, outside):
        assert result.verdict is Verdict.PASSED, [
            (check.key, check.expected, check.seen)
            for step in result.steps
            for check in step.checks
            if not check.held
        ]
    for here, there in zip(inside.steps, outside.steps, strict=True):
        assert Counter(map(likeness, here.exchanges)) == Counter(map(likeness, there.exchanges))
        assert (here.added, here.removed) == (there.added, there.removed)


@pytest.mark.parametrize("profile", profile_names())
def test_some_scenario_uses_every_server_profile(profile: str) -> None:
    """Every server profile is used by an index of at least one scenario."""
    indexes = [index for scenario in SCENARIOS.values() for index in scenario.indexes.values()]
    assert profile in {index.server or server_at(index.url) for index in indexes}
