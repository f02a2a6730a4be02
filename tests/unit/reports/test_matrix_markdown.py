"""A matrix, written as a Markdown table."""

from __future__ import annotations

from dataclasses import replace

from pytest_indexcache.reports.matrix_markdown import matrix_markdown
from pytest_indexcache.run.matrix.results import Circumstances
from pytest_indexcache.run.plays.results import Verdict

from .plays import FAILED, HERE, PASSED, SKIPPED, play


def test_a_cell_holds_the_verdicts_over_the_releases() -> None:
    """Skipped releases are left out of a cell, and a cell without any verdict is a dash."""
    records = [
        play("uv-1", "uv==0.8.0", SKIPPED),
        play("uv-1", "uv==0.9.0", Verdict.REPRODUCED),
        play("uv-1", "uv==0.10.0", Verdict.REPRODUCED),
        play("uv-1", "uv==0.11.0", PASSED),
        play("uv-1", "pip==26.3", FAILED),
        play("uv-2", "uv==0.9.0", Verdict.ERROR),
        play("uv-2", "pip==26.3", SKIPPED),
    ]
    assert matrix_markdown(records).splitlines() == [
        "| scenario | pip | uv |",
        "| --- | --- | --- |",
        "| pytorch/uv-1 | failed 26.3 | reproduced 0.9.0 - 0.10.0<br>passed 0.11.0 |",
        "| pytorch/uv-2 | - | error 0.9.0 |",
        "",
        "Played: pip 26.3 (1 release), uv 0.8.0 - 0.11.0 (4 releases); linux-x86\\_64, "
        "CPython 3.13.0; 2026-11-21.",
    ]


def test_machines_and_days_are_named() -> None:
    """If several machines played, each of them has its own column."""
    there = Circumstances("macosx-14-arm64", HERE.python, HERE.harness)
    other = replace(play("uv-1", "uv==0.9.0", PASSED, where=there), played_at="2026-11-20T05:00")
    head, *_, played = matrix_markdown([play("uv-1", "uv==0.9.0", FAILED), other]).splitlines()
    assert head == "| scenario | uv (linux-x86\\_64) | uv (macosx-14-arm64) |"
    assert played.endswith("macosx-14-arm64, CPython 3.13.0; 2026-11-20 to 2026-11-21.")


def test_text_of_strangers_is_shown_and_not_obeyed() -> None:
    """Names of scenarios and installers cannot break out of their cells."""
    text = matrix_markdown([play("a|b<script>", "x`y|z==1.0", PASSED)])
    assert "a\\|b\\<script\\>" in text
    assert "x\\`y\\|z" in text
