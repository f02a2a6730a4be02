"""Scenarios of reports, played with affected and unaffected releases of real installers."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_indexcache.index.wire.gateway import Gateway
from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.run.causes.explain import explained
from pytest_indexcache.run.plays.results import PlayResult, Verdict
from pytest_indexcache.run.plays.runner import Play, play
from pytest_indexcache.run.plays.transports import on_the_wire
from pytest_indexcache.scenario.loader import load_scenario, loads
from pytest_indexcache.scenario_files import catalogue_folder, scenario_files

pytestmark = pytest.mark.usefixtures("releases_can_be_had")

FILES = {path.stem: path for path in scenario_files(catalogue_folder())}

NEUTRAL = [
    ("uv-15303-cpu-wheel-not-cached", "uv==0.8.11"),
    ("uv-15425-rocm-with-lockfile", "uv==0.8.2"),
    ("uv-16959-extra-downloaded-again", "uv==0.9.10"),
    ("uv-4967-minimal-offline", "uv==0.2.23"),
    ("uv-4967-override-offline", "uv==0.2.23"),
    ("uv-16368-run-switches-extras", "uv==0.9.4"),
    ("uv-16368-sync-switches-extras", "uv==0.9.4"),
    ("uv-16368-editable-to-index", "uv==0.8.11"),
    ("uv-16368-path-to-index", "uv==0.8.11"),
    ("uv-15303-override-for-one-index", "uv==0.7.22"),
    ("uv-15303-cpu-wheel-not-cached", "pip==26.3"),
    ("uv-15425-rocm-with-lockfile", "pip==26.3"),
    ("uv-16959-extra-downloaded-again", "pip==26.3"),
    ("uv-16368-installed-from-other-index", "pip==26.3"),
    ("uv-4967-minimal-offline", "uv==0.13.8"),
]
"""Neutral scenarios of reports, each with a release that fails at the same step as the variant."""

VERBATIM = [
    ("uv-15303-verbatim", "uv==0.8.11", 4),
    ("uv-15425-verbatim", "uv==0.8.2", 3),
    ("uv-16959-verbatim", "uv==0.9.10", 5),
    ("uv-4967-verbatim", "uv==0.2.23", 5),
    ("uv-16368-run-verbatim", "uv==0.9.4", 3),
    ("uv-16368-sync-verbatim", "uv==0.9.4", 5),
]
"""Scenarios with the unchanged commands of a report, a release, and the step at which it fails."""

MENDED = [
    *(
        (name, "uv==0.13.8")
        for name in (
            "uv-15303-cpu-wheel-not-cached",
            "uv-15303-override-for-one-index",
            "uv-15303-override-without-hashes",
            "uv-15303-verbatim",
            "uv-15425-verbatim",
            "uv-16959-extra-downloaded-again",
            "uv-16959-verbatim",
            "uv-16368-run-switches-extras",
            "uv-16368-run-verbatim",
            "uv-16368-sync-switches-extras",
            "uv-16368-sync-verbatim",
            "uv-16368-editable-to-index",
            "uv-16368-index-to-editable",
            "uv-16368-path-to-index",
        )
    ),
    *(
        ("uv-15303-control-storing-permitted", spec)
        for spec in ("uv==0.8.11", "uv==0.8.2", "uv==0.9.10", "uv==0.13.8", "pip==26.3")
    ),
    ("uv-16368-index-to-editable", "uv==0.9.4"),
    ("uv-4967-control-storing-permitted", "uv==0.2.23"),
    ("uv-4967-offline-after-clear-cache", "uv==0.2.23"),
    ("uv-15303-cpu-wheel-not-cached", "poetry==2.5.1"),
    ("uv-16368-editable-to-index", "poetry==2.5.1"),
]
"""Scenarios in which a release behaves correctly."""

SKIPPED = [
    ("uv-16368-sync-switches-extras", "pip==26.3"),
    ("uv-4967-minimal-offline", "pip==26.3"),
    ("uv-4967-minimal-offline", "poetry==2.5.1"),
    ("uv-16368-sync-switches-extras", "pdm==2.29.3"),
    ("uv-15303-override-for-one-index", "poetry==2.5.1"),
    ("uv-15303-verbatim", "pip==26.3"),
    ("uv-15303-verbatim", "uv==0.4.10"),
]
"""Scenarios that an installer, or this release of it, cannot play."""

PlayOne = Callable[[str, str], PlayResult]


@pytest.fixture
def play_one(playing_gateway: Gateway, tmp_path: Path) -> PlayOne:
    """Return a function that plays a scenario of the catalogue with a release."""

    def play_one(name: str, spec: str) -> PlayResult:
        scenario = load_scenario(FILES[name])
        connect = on_the_wire(playing_gateway, time.time)
        what = Play(scenario, name, create_installer(spec), connect, "wire", explain=explained)
        result = play(what, tmp_path)
        if result.reason.startswith("no Python"):
            pytest.skip(result.reason)
        return result

    return play_one


def told(result: PlayResult) -> str:
    """Return a summary of a result for a failed assertion."""
    last = result.steps[-1] if result.steps else None
    return f"{result.verdict}: {result.reason}\n{last.output if last else ''}"


@pytest.mark.parametrize(("name", "spec"), NEUTRAL)
def test_report_reproduces_where_the_variant_fails(name: str, spec: str, play_one: PlayOne) -> None:
    """A real affected release fails at the same step as the variant of the reference installer."""
    result = play_one(name, spec)
    assert result.verdict is Verdict.FAILED, told(result)
    assert result.failed_step is not None
    assert result.failed_step.number in load_scenario(FILES[name]).variants.values()
    assert any(check.causes for check in result.failed_step.checks)


@pytest.mark.parametrize(("name", "spec", "step"), VERBATIM)
def test_report_reproduces_word_for_word(
    name: str, spec: str, step: int, play_one: PlayOne
) -> None:
    """An affected release fails with the commands and the project file of the reporter."""
    result = play_one(name, spec)
    assert result.verdict is Verdict.FAILED, told(result)
    assert result.failed_step is not None
    assert result.failed_step.number == step


@pytest.mark.parametrize(("name", "spec"), MENDED)
def test_release_does_what_is_expected(name: str, spec: str, play_one: PlayOne) -> None:
    """A fixed release passes every step, and sends requests to the indexes."""
    result = play_one(name, spec)
    assert result.verdict is Verdict.PASSED, told(result)
    assert any(step.exchanges for step in result.steps)


@pytest.mark.parametrize(("name", "spec"), SKIPPED)
def test_what_an_installer_lacks_is_skipped(name: str, spec: str, play_one: PlayOne) -> None:
    """A scenario that an installer cannot play is skipped, and the reason names the installer."""
    result = play_one(name, spec)
    assert result.verdict is Verdict.SKIPPED, told(result)
    beginnings = (spec.partition("=")[0], "its project file is only for uv")
    assert result.reason.startswith(beginnings)


def test_report_shows_what_was_used(play_one: PlayOne) -> None:
    """A result contains the command and the project file that were used."""
    result = play_one("uv-15303-cpu-wheel-not-cached", "uv==0.13.8")
    (first, *_) = result.steps
    assert first.command == "uv sync"
    assert 'name = "pytorch-cpu"' in first.files["project/pyproject.toml"]


WITHOUT_METADATA = """
title = "The metadata of a wheel is read out of the wheel"
[indexes.pypi]
url = "https://pypi.org/simple"
metadata = false
[indexes.pypi.packages]
six."1.17.0" = { padding = "2 MiB" }
[project]
dependencies = ["six"]
[[steps]]
do = "lock"
expect = { downloads = {}, requests = { range = ">= 1" }, locked = { six = "1.17.0" } }
[[steps]]
do = "sync"
expect = { downloads = { six = 1 }, installed = { six = "1.17.0" } }
"""


def test_a_ranged_answer_is_no_download(playing_gateway: Gateway, tmp_path: Path) -> None:
    """If no core metadata is served, uv's HEAD and range requests do not count as downloads."""
    connect = on_the_wire(playing_gateway, time.time)
    uv = create_installer("uv==0.13.8")
    result = play(Play(loads(WITHOUT_METADATA), "ranges", uv, connect, "wire"), tmp_path)
    assert result.verdict is Verdict.PASSED, told(result)
    asked = [(it.method, it.status) for it in result.steps[0].exchanges if it.subject.filename]
    assert asked[0] == ("HEAD", 200)
    assert set(asked[1:]) == {("GET", 206)}
