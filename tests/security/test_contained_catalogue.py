"""Catalogue scenarios have the same ledger and verdict with and without containment."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from pytest_indexcache.installers.containment.kernel import kernel_support
from pytest_indexcache.installers.containment.modes import ContainmentMode
from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.installers.contract.installer import Installer
from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.run.plays.results import PlayResult, StepResult, Verdict
from pytest_indexcache.run.session import PlaySession, transports_of
from pytest_indexcache.scenario.loader import load_scenario
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.steps import Together
from pytest_indexcache.scenario_files import catalogue_folder, scenario_files

pytestmark = pytest.mark.skipif(
    not kernel_support().can_contain, reason="this kernel cannot contain a process"
)

REFERENCE = create_installer("reference")
SCENARIOS = {file.stem: load_scenario(file) for file in scenario_files(catalogue_folder())}
OF_REFERENCE = [name for name, it in SCENARIOS.items() if REFERENCE.lacks(it) is None]

OTHERS = [
    ("uv==0.4.27", "uv-4967-minimal-offline"),
    ("pip==26.3", "uv-15303-cpu-wheel-not-cached"),
    ("pip==22.2.2", "uv-16368-installed-from-other-index"),
    ("poetry==2.5.1", "uv-16368-path-to-index"),
    ("pdm==2.29.3", "uv-16959-extra-downloaded-again"),
]
UV = create_installer("uv==0.13.8")
OF_UV = [
    name
    for name, it in SCENARIOS.items()
    if UV.lacks(it) is None and not any(isinstance(step, Together) for step in it.steps)
]
OF_REAL = [*(("uv==0.13.8", name) for name in OF_UV), *OTHERS]
"""Pairs of a uv release and each scenario that it can play, and one pair for each other release."""


@pytest.fixture(scope="module")
def sessions() -> Iterator[tuple[PlaySession, PlaySession]]:
    """Open a session with containment, and a session without it."""
    with (
        PlaySession(contained=ContainmentMode.OFF) as free,
        PlaySession(contained=ContainmentMode.REQUIRE) as contained,
    ):
        yield free, contained


def facts_of_step(step: StepResult) -> dict[str, Any]:
    """Return the facts that two plays of a step must share.

    A failing installer aborts its running downloads. For a failed step, therefore, only the
    refusals are compared, not the number of downloads.
    """
    whole = step.exit is not ExitKind.FAILURE
    return {
        "exit": (step.exit, step.exit_code),
        "venv": (dict(step.added), dict(step.removed)),
        "checks": [(check.key, check.seen if whole else "", check.held) for check in step.checks],
        "ledger": sorted(
            (exchange.method, exchange.url, exchange.status)
            for exchange in step.exchanges
            if whole or (exchange.status or 0) >= HTTPStatus.BAD_REQUEST
        ),
    }


def facts_of(result: PlayResult) -> dict[str, Any]:
    """Return the facts that two plays of a scenario must share."""
    steps = [facts_of_step(step) for step in result.steps]
    return {"verdict": result.verdict, "reason": result.reason, "steps": steps}


def play_both(
    sessions: tuple[PlaySession, PlaySession], scenario: Scenario, installer: Installer, root: Path
) -> PlayResult:
    """Play with and without containment, compare the facts, and return the contained play."""
    (transport,) = transports_of(installer, "inprocess")
    results = [
        session.play(scenario, "played", installer, transport, root / str(number) / "play")
        for number, session in enumerate(sessions)
    ]
    free, contained = (facts_of(result) for result in results)
    assert contained == free
    assert (results[0].was_contained, results[1].was_contained) == (False, True)
    return results[1]


@pytest.mark.parametrize("name", OF_REFERENCE)
def test_containment_changes_no_play_of_the_reference(
    name: str, sessions: tuple[PlaySession, PlaySession], tmp_path: Path
) -> None:
    """With the reference, containment changes no exchange, exit code, venv, check or verdict."""
    result = play_both(sessions, SCENARIOS[name], REFERENCE, tmp_path)
    assert result.verdict is Verdict.PASSED


@pytest.mark.parametrize(("spec", "name"), OF_REAL)
@pytest.mark.usefixtures("releases_can_be_had")
def test_containment_changes_no_play_of_a_real_installer(
    spec: str, name: str, sessions: tuple[PlaySession, PlaySession], tmp_path: Path
) -> None:
    """With a real installer, containment changes no exchange, exit code, venv, check or verdict."""
    result = play_both(sessions, SCENARIOS[name], create_installer(spec), tmp_path)
    assert result.verdict not in (Verdict.ERROR, Verdict.SKIPPED), result.reason


@pytest.mark.parametrize("spec", ["reference", "uv==0.13.8", "pip==26.3", "pdm==2.29.3"])
@pytest.mark.parametrize("python", ["3.10", "3.12"])
def test_another_python_can_be_used_within_containment(
    spec: str,
    python: str,
    sessions: tuple[PlaySession, PlaySession],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    """A scenario with another Python can be played in containment, imports included."""
    if spec != "reference":
        request.getfixturevalue("releases_can_be_had")
    verb = {"do": "install", "requirements": ["six"]} if "pip" in spec else {"do": "sync"}
    expect = {"installed": {"six": "1.17.0"}, "imports": {"six.__version__": "1.17.0"}}
    document = {
        "title": "another Python",
        "python": python,
        "indexes": {
            "pypi": {
                "url": "https://pypi.org/simple",
                "packages": {
                    "six": {
                        "1.17.0": {
                            "attributes": {"__version__": "1.17.0"},
                            "files": [{"kind": "sdist"}],
                        }
                    }
                },
            }
        },
        "project": {"requires-python": ">=3.8", "dependencies": ["six"]},
        "steps": [{**verb, "expect": expect}],
    }
    installer, scenario = create_installer(spec), Scenario.model_validate(document)
    if reason := installer.lacks(scenario):
        pytest.skip(reason)
    result = play_both(sessions, scenario, installer, tmp_path)
    assert result.verdict is Verdict.PASSED, result.reason or result.steps
