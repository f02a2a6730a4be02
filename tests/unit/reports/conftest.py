"""Results of plays, from which tests make reports."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_indexcache.messages import Exchange, Headers, Kind, Subject
from pytest_indexcache.run.plays.results import Check, CheckKind, PlayResult, StepResult, Verdict


@pytest.fixture
def failed() -> PlayResult:
    """Return a play that failed at its second step."""
    exchange = Exchange(
        at=1_700_000_000.0,
        method="GET",
        url="https://pypi.org/a.whl",
        request_headers=Headers.of({"If-None-Match": "x"}),
        status=200,
        response_headers=Headers.of({"Cache-Control": "no-store"}),
        sent=9,
        length=9,
        subject=Subject(Kind.WHEEL, "pypi", "a", "a-1-py3-none-any.whl", nominal_bytes=3 << 30),
    )
    first = StepResult(
        number=1,
        verb="sync",
        title="",
        command="uv sync",
        files={"project/pyproject.toml": '[project]\nname = "workspace"\n'},
        added={"a": "1"},
        exchanges=(exchange,),
        checks=(Check(CheckKind.EXIT, "success", "success", held=True),),
    )
    causes = ("a-1-py3-none-any.whl was downloaded again: it said no-store",)
    second = StepResult(
        number=2,
        verb="sync",
        title="in a new venv",
        command="uv sync --reinstall",
        output="Resolved 1 package\nInstalled 1 package\n",
        removed={"a": "0"},
        exchanges=(exchange,),
        checks=(
            Check(CheckKind.EXIT, "success", "success", held=True),
            Check(CheckKind.DOWNLOADS, "0", "1", held=False, subject="a", causes=causes),
        ),
    )
    return PlayResult(
        scenario="scenarios/pytorch/uv-1.toml",
        title="A title",
        installer="uv==0.8.11",
        installer_version="0.8.11",
        transport="wire",
        verdict=Verdict.FAILED,
        issue="https://example.org/1",
        steps=(first, second),
        seconds={"total": 1.25, "commands": 1.0},
    )


@pytest.fixture
def passed(failed: PlayResult) -> PlayResult:
    """Return a play of the same scenario that has passed."""
    return replace(
        failed, installer="uv==0.9.0", verdict=Verdict.PASSED, steps=failed.steps[:1], issue=None
    )


HOSTILE = "<script>alert(1)</script> \x1b[31m \u202e & \"'` | ]("


@pytest.fixture
def hostile(failed: PlayResult) -> PlayResult:
    """Return a play whose untrusted strings all try to inject markup or commands."""
    step = replace(
        failed.steps[1],
        verb=HOSTILE,
        title=HOSTILE,
        command=HOSTILE,
        output=f"{HOSTILE}\n```\n</pre>",
        files={HOSTILE: HOSTILE},
        added={HOSTILE: HOSTILE},
        removed={HOSTILE: HOSTILE},
        exchanges=(
            replace(
                failed.steps[1].exchanges[0],
                method=HOSTILE,
                url=HOSTILE,
                response_headers=Headers.of({"Cache-Control": HOSTILE}),
                subject=Subject(Kind.WHEEL, HOSTILE, HOSTILE, HOSTILE),
            ),
        ),
        checks=(
            Check(
                CheckKind.OUTPUT,
                HOSTILE,
                HOSTILE,
                held=False,
                subject=HOSTILE,
                field=HOSTILE,
                causes=(HOSTILE,),
            ),
        ),
    )
    return replace(
        failed,
        scenario=HOSTILE,
        title=HOSTILE,
        installer=HOSTILE,
        installer_version=HOSTILE,
        transport=HOSTILE,
        issue=f"javascript:{HOSTILE}",
        reason=HOSTILE,
        known=HOSTILE,
        steps=(step,),
    )
