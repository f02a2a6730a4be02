"""An investigation from which tests make issue texts."""

from __future__ import annotations

from dataclasses import replace

from pytest_indexcache.messages import Exchange, Headers, Kind, Subject
from pytest_indexcache.reports.trackers.anonymous import MachineWords
from pytest_indexcache.reports.trackers.facts import IssueFacts
from pytest_indexcache.run.investigations.results import (
    Investigation,
    RelatedReport,
    TriedWorkaround,
)
from pytest_indexcache.run.plays.results import Check, CheckKind, PlayResult, StepResult, Verdict

WHEEL = "https://pypi.org/a-1-py3-none-any.whl"
CAUSE = "a-1-py3-none-any.whl was downloaded again: the response of step 1 said no-store"


def exchange(**fields: str) -> Exchange:
    """Return the download of a wheel, with these header fields."""
    return Exchange(
        at=1_700_000_000.0,
        method="GET",
        url=WHEEL,
        request_headers=Headers(),
        status=200,
        response_headers=Headers.of((key.replace("_", "-"), it) for key, it in fields.items()),
        sent=9,
        length=9,
        subject=Subject(Kind.WHEEL, "pypi", "a", "a-1-py3-none-any.whl", nominal_bytes=3 << 30),
    )


def misbehaving(title: str = "A wheel comes again", cause: str = CAUSE) -> PlayResult:
    """Return a play whose third step downloads a file that it should have reused."""
    answer = exchange(Cache_Control="no-store", ETag='"x"')
    held = Check(CheckKind.EXIT, "success", "success", held=True)
    wrong = Check(CheckKind.DOWNLOADS, "0", "1", held=False, subject="a", causes=(cause,))
    files = {"project/pyproject.toml": '[project]\nname = "p"\n'}
    steps = (
        StepResult(
            1, "sync", "", command="uv sync", files=files, exchanges=(answer,), checks=(held,)
        ),
        StepResult(2, "remove-venv", ""),
        StepResult(
            3,
            "sync",
            "",
            command="uv sync",
            output="said in /home/ada/x 5ms",
            exchanges=(answer,),
            checks=(held, wrong),
        ),
    )
    return PlayResult("s.toml", title, "uv==0.8.11", "0.8.11", "wire", Verdict.FAILED, steps=steps)


def at_step(number: int, seen: str) -> PlayResult:
    """Return a play that goes wrong at a step."""
    *others, last = misbehaving().steps
    checks = tuple(replace(it, seen=seen) if not it.held else it for it in last.checks)
    held = replace(last, checks=tuple(it for it in last.checks if it.held))
    steps = (*others, *([held] if number > 3 else []), replace(last, number=number, checks=checks))
    return replace(misbehaving(), steps=steps)


def facts(play: PlayResult | None = None, **changes: object) -> IssueFacts:
    """Return the facts of a play for its issue text."""
    bad = misbehaving() if play is None else play
    good = replace(
        bad, installer="pip==26.3", installer_version="26.3", verdict=Verdict.PASSED, steps=()
    )
    lost = replace(
        good,
        installer="pdm@/home/ada/pdm",
        installer_version="",
        verdict=Verdict.ERROR,
        reason="no pdm at https://mirror.example/simple in /home/ada/pdm\nmore",
    )
    found = Investigation(
        bad,
        "linux-x86_64",
        "CPython 3.13.0",
        "0.1.0+abc",
        log="$ uv -v sync\nDEBUG found /home/ada/x in 5ms\n",
        repeated=bad,
        others=(good, lost),
        workarounds=(
            TriedWorkaround("no cache", bad, "uv sync --no-cache"),
            TriedWorkaround("override", good, "uv sync", is_override=True),
            TriedWorkaround("refresh", reason="the step already has it"),
        ),
        related=(
            RelatedReport(
                "https://a.example/1",
                "T",
                ("keep-no-wheel",),
                True,
                ("no-store",),
                (("keep-no-wheel", "keeps no wheel"),),
            ),
        ),
        not_bisected="no list at https://mirror.example/",
    )
    return IssueFacts(
        replace(found, **changes),  # type: ignore[arg-type]
        'title = "A wheel comes again"\n',
        "report.toml",
        "indexcache play report.toml --installer uv==0.8.11",
        {1: "sync it", 2: "remove the venv", 3: "sync it"},
        MachineWords({"/home/ada": "…"}),
    )
