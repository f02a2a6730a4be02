"""Results as plain data, and the verdicts."""

from __future__ import annotations

import json

import pytest

from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.messages import Exchange, Headers, Kind, Subject
from pytest_indexcache.run.plays.results import (
    Check,
    CheckKind,
    PlayResult,
    StepResult,
    Verdict,
    verdict_of,
)
from pytest_indexcache.scenario.values.listed import ListedBug


@pytest.mark.parametrize(
    ("held", "listed", "verdict"),
    [
        (True, ListedBug.NOT, Verdict.PASSED),
        (False, ListedBug.NOT, Verdict.FAILED),
        (True, ListedBug.AFFECTED, Verdict.FIXED),
        (False, ListedBug.AFFECTED, Verdict.REPRODUCED),
        (True, ListedBug.SOMETIMES, Verdict.PASSED),
        (False, ListedBug.SOMETIMES, Verdict.REPRODUCED),
    ],
)
def test_verdict_is_made_of_what_held_and_what_is_known(
    held: bool, listed: ListedBug, verdict: Verdict
) -> None:
    """A known bug is reproduced, an unknown one a failure; what comes now and then is not fixed."""
    assert verdict_of(held=held, listed=listed) is verdict


@pytest.mark.parametrize("verdict", Verdict)
def test_result_is_true_only_if_it_passed(verdict: Verdict) -> None:
    """A result that stands alone after assert says what ``result.passed`` says."""
    result = PlayResult("a", "", "uv", "0.8.0", "wire", verdict)
    assert bool(result) is result.passed is (verdict is Verdict.PASSED)


def test_result_survives_json() -> None:
    """What goes through JSON comes back equal."""
    exchange = Exchange(
        at=1.5,
        method="GET",
        url="https://a.example/é",
        request_headers=Headers.of({"Accept": "x"}),
        status=None,
        response_headers=Headers.of([("Vary", "a"), ("Vary", "b")]),
        subject=Subject(Kind.WHEEL, "a", "b", "c.whl", 3, "reset", None),
    )
    step = StepResult(
        number=1,
        verb="sync",
        title="",
        exit=ExitKind.CRASH,
        exit_code=101,
        release="0.8.0",
        added={"a": "1"},
        exchanges=(exchange,),
        checks=(
            Check(
                CheckKind.DOWNLOADS,
                "0",
                "1",
                held=False,
                subject="b",
                excess=True,
                causes=("because",),
            ),
        ),
    )
    result = PlayResult(
        scenario="s.toml",
        title="t",
        installer="reference",
        installer_version="1",
        transport="wire",
        verdict=Verdict.FAILED,
        steps=(step,),
        seconds={"total": 0.1},
        containment="contained: landlock 7 + seccomp",
    )
    assert PlayResult.from_json(json.loads(json.dumps(result.to_json()))) == result
    assert result.failed_step == step
