"""Every verb, change and expectation of the language, played by the reference installer."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.run.plays.results import PlayResult, Verdict
from pytest_indexcache.run.plays.runner import Play, play
from pytest_indexcache.run.plays.transports import Transport
from pytest_indexcache.scenario.loader import loads

from .answer_scenarios import ANSWER_SCENARIOS
from .change_scenarios import CHANGE_SCENARIOS
from .index_scenarios import INDEX_SCENARIOS
from .small_pypi import PYPI
from .together_scenarios import TOGETHER_SCENARIOS
from .verb_scenarios import VERB_SCENARIOS

SCENARIOS = (
    VERB_SCENARIOS | CHANGE_SCENARIOS | INDEX_SCENARIOS | ANSWER_SCENARIOS | TOGETHER_SCENARIOS
)


def play_text(text: str, connect: Transport, folder: Path) -> PlayResult:
    """Play a scenario that is given as text."""
    return play(Play(loads(text), "t", create_installer("reference"), connect, "any"), folder)


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario_is_played_step_by_step(name: str, connect: Transport, tmp_path: Path) -> None:
    """Each step of a scenario meets its expectations."""
    result = play_text(SCENARIOS[name], connect, tmp_path)
    failed = [
        (step.number, check.key, check.expected, check.seen, check.causes, step.output)
        for step in result.steps
        for check in step.checks
        if not check.held
    ]
    assert result.verdict is Verdict.PASSED, (result.reason, failed)


def test_a_stranger_is_an_error_that_names_the_host(connect: Transport, tmp_path: Path) -> None:
    """A request to a host that no index has makes the play an error that names the host."""
    text = """
title = "t"
[indexes.private]
url = "https://packages.example.com/simple"
[indexes.private.packages]
idna."3.11" = {}
[project]
dependencies = ["idna", "six"]
[sources]
idna = { index = "private", explicit = true }
[[steps]]
do = "sync"
expect = { exit = "success" }
"""
    result = play_text(text, connect, tmp_path)
    assert result.verdict is Verdict.ERROR
    assert "pypi.org" in result.reason


def test_damage_that_matches_nothing_is_an_error(connect: Transport, tmp_path: Path) -> None:
    """A damage glob without a match is an error of the scenario, not of the installer."""
    prune = '[[steps]]\ndo = "prune-cache"\n'
    damage = '[[steps]]\ndo = "damage"\nentries = "*.none"\nhow = "remove"\n'
    text = PYPI + prune + damage + 'expect = { exit = "success" }\n'
    result = play_text(text, connect, tmp_path)
    assert result.verdict is Verdict.ERROR
    assert "'*.none'" in result.reason
