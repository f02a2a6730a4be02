"""Results as plain data."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.messages import Exchange, Headers, Kind, Subject
from pytest_indexcache.run.matrix.results import in_brief
from pytest_indexcache.run.plays.results import (
    Check,
    CheckKind,
    PlayResult,
    StepResult,
    Traffic,
    Verdict,
)


@pytest.mark.parametrize("verdict", Verdict)
def test_result_is_true_only_if_it_passed(verdict: Verdict) -> None:
    """``assert result`` has the same outcome as ``assert result.passed``."""
    result = PlayResult("a", "", "uv", "0.8.0", "wire", verdict)
    assert bool(result) is result.passed is (verdict is Verdict.PASSED)


def test_result_survives_json() -> None:
    """A result that is written to JSON and read back is equal."""
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
        lock_diff="-a\n+b",
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
        tags=("pytorch",),
    )
    assert PlayResult.from_json(json.loads(json.dumps(result.to_json()))) == result
    assert result.failed_step == step


def test_traffic_is_kept_when_exchanges_are_not() -> None:
    """A shortened result keeps the traffic counts of the complete result, even in JSON."""
    exchange = Exchange(
        at=1.5,
        method="GET",
        url="https://a.example/a.whl",
        request_headers=Headers(),
        status=200,
        sent=9,
        length=9,
        subject=Subject(Kind.WHEEL, "a", "b", "c.whl", 300),
    )
    unchanged = replace(exchange, status=304, sent=0, length=0)
    step = StepResult(1, "sync", "", exchanges=(exchange, unchanged), lock_diff="+a")
    whole = PlayResult("s.toml", "t", "reference", "1", "wire", Verdict.PASSED, steps=(step, step))
    assert whole.traffic == Traffic(requests=4, downloads=2, revalidated=2, sent=18, nominal=600)
    brief = PlayResult.from_json(json.loads(json.dumps(in_brief(whole).to_json())))
    assert (brief.steps[0].exchanges, brief.steps[0].lock_diff) == ((), "")
    assert brief.traffic == whole.traffic
    assert brief.nominal_bytes == 600


def test_result_of_an_older_version_is_read() -> None:
    """If a stored result has no counts, tags or lockfile difference, empty ones are used."""
    steps = (StepResult(1, "sync", ""),)
    result = PlayResult("s.toml", "t", "uv", "1", "wire", Verdict.PASSED, steps=steps)
    data = result.to_json()
    del data["tags"], data["steps"][0]["counted"], data["steps"][0]["lock_diff"]
    read = PlayResult.from_json(data)
    assert (read.tags, read.traffic, read.steps[0].lock_diff) == ((), Traffic(), "")
