"""The pytest outcome of a play that is compared with a baseline."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_indexcache.errors import BaselineError
from pytest_indexcache.run.baselines.gate import Gate, GateOutcome, ruled
from pytest_indexcache.run.plays.results import (
    Change,
    Check,
    CheckKind,
    PlayResult,
    StepResult,
    Verdict,
)

NAMES = {("uv", "wire"): "uv"}
FAILING = StepResult(
    number=3, verb="sync", title="", checks=(Check(CheckKind.NOMINAL, "0", "1", held=False),)
)


def play_result(verdict: str, change: str | None = None, known: str = "") -> PlayResult:
    """Return a result; if it misbehaves, it failed at step 3."""
    steps = (FAILING,) if verdict in ("failed", "reproduced") else ()
    return PlayResult(
        scenario="a.toml",
        title="t",
        installer="uv",
        installer_version="1",
        transport="wire",
        verdict=Verdict(verdict),
        reason="uv has no lock" if verdict == "skipped" else "",
        steps=steps,
        change=None if change is None else Change(change),
        known=known,
    )


def gate(compare: Path | None = None, write: Path | None = None) -> Gate:
    """Return a gate with these options."""
    return Gate(NAMES, lambda _: True, compare=compare, write=write).opened()


@pytest.mark.parametrize(
    ("verdict", "change", "strict", "lenient"),
    [
        ("passed", None, "passed", "passed"),
        ("reproduced", None, "xfailed", "xfailed"),
        ("failed", None, "failed", "failed"),
        ("fixed", None, "failed", "passed"),
        ("skipped", None, "skipped", "skipped"),
        ("error", None, "error", "error"),
        ("failed", "new", "failed", "failed"),
        ("reproduced", "new", "xfailed", "xfailed"),
        ("fixed", "new", "failed", "passed"),
        ("passed", "same", "passed", "passed"),
        ("fixed", "same", "passed", "passed"),
        ("failed", "same", "xfailed", "xfailed"),
        ("reproduced", "same", "xfailed", "xfailed"),
        ("skipped", "same", "skipped", "skipped"),
        ("error", "same", "xfailed", "xfailed"),
        ("failed", "worse", "failed", "failed"),
        ("reproduced", "worse", "failed", "failed"),
        ("skipped", "worse", "failed", "failed"),
        ("error", "worse", "error", "error"),
        ("passed", "better", "failed", "passed"),
        ("fixed", "better", "failed", "passed"),
        ("failed", "better", "failed", "xfailed"),
        ("skipped", "better", "failed", "skipped"),
    ],
)
def test_verdict_and_change_make_the_outcome(
    verdict: str, change: str | None, strict: str, lenient: str
) -> None:
    """Worse plays fail, better plays fail if strict, and others have their usual outcome."""
    result = play_result(verdict, change)
    assert ruled(result, strict=True).outcome == strict
    told = ruled(result, strict=False)
    assert told.outcome == lenient
    assert bool(told.warning) is (strict != lenient)
    assert ruled(result, strict=True).warning == ""


@pytest.mark.parametrize(
    ("verdict", "outcome"),
    [
        ("passed", GateOutcome.PASSED),
        ("fixed", GateOutcome.PASSED),
        ("failed", GateOutcome.XFAILED),
        ("skipped", GateOutcome.SKIPPED),
        ("error", GateOutcome.ERROR),
    ],
)
@pytest.mark.parametrize("change", [None, "worse", "better"])
def test_what_is_written_down_is_accepted(
    verdict: str, outcome: GateOutcome, change: str | None
) -> None:
    """Plays that are written to a baseline do not fail, except for errors."""
    if verdict == "error" and change == "better":
        change = "worse"  # an error is better than nothing
    assert ruled(play_result(verdict, change), strict=True, accepts=True).outcome is outcome


def test_reasons_say_what_was_known() -> None:
    """The reason of an outcome names the current verdict and the verdict in the baseline."""
    worse = ruled(play_result("failed", "worse", "passed"), strict=True)
    assert worse.reason == "worse: failed at step 3, the baseline says passed"
    better = ruled(play_result("passed", "better", "failed at step 3"), strict=False)
    assert better.warning == "better: passed, the baseline says failed at step 3"
    same = ruled(play_result("failed", "same", "failed at step 3"), strict=True)
    assert same.reason == "as in the baseline: failed at step 3"
    assert ruled(play_result("skipped", "same"), strict=True).reason == "uv has no lock"
    assert ruled(play_result("reproduced"), strict=True).reason == "reproduced at step 3"


def test_without_files_results_are_compared_with_nothing() -> None:
    """Without a baseline, results are not compared."""
    assert gate().judged(play_result("failed")).change is None


def test_results_are_written_and_held_against(tmp_path: Path) -> None:
    """Written results are compared in the next run, and a missing folder is created."""
    file = tmp_path / "new" / "baseline.toml"
    writing = gate(write=file)
    assert writing.judged(play_result("failed")).change is Change.NEW
    writing.write_down([play_result("failed")])
    assert gate(compare=file).judged(play_result("failed")).change is Change.SAME
    assert gate(compare=file).judged(play_result("passed")).change is Change.BETTER
    assert gate(write=file).judged(play_result("passed")).known == "failed at step 3"
    assert list(file.parent.iterdir()) == [file]


def test_writing_keeps_what_another_run_wrote_meanwhile(tmp_path: Path) -> None:
    """Entries that another run has written in the meantime are kept."""
    file = tmp_path / "baseline.toml"
    one, other = gate(write=file), gate(write=file)
    one.write_down([play_result("failed")])
    other.write_down([replace(play_result("passed"), scenario="b.toml")])
    known = gate(compare=file).known
    assert known is not None
    assert set(known.entries) == {"a.toml", "b.toml"}


def test_without_results_nothing_is_written(tmp_path: Path) -> None:
    """A run without plays leaves the file unchanged."""
    gate(write=tmp_path / "baseline.toml").write_down([])
    assert not list(tmp_path.iterdir())


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """A baseline behind a symlink is written at the link's target."""
    file, link = tmp_path / "file.toml", tmp_path / "baseline.toml"
    link.symlink_to(file)
    gate(write=link).write_down([play_result("passed")])
    assert link.is_symlink()
    assert file.read_text(encoding="utf-8").endswith('verdict = "passed"\n')


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A write error names the file, whose earlier contents are kept."""
    (tmp_path / "file").write_text("")
    writing = gate(write=tmp_path / "file" / "baseline.toml")
    with pytest.raises(BaselineError, match=r"file/baseline.toml: it cannot be written: "):
        writing.write_down([play_result("passed")])


def test_the_file_to_be_written_may_be_missing_where_it_is_also_read(tmp_path: Path) -> None:
    """A missing baseline is allowed if the run writes it, and is an error otherwise."""
    file = tmp_path / "baseline.toml"
    known = gate(compare=file, write=file).known
    assert known is not None
    assert not known.entries
    with pytest.raises(BaselineError, match="no such file"):
        gate(compare=file)
    with pytest.raises(BaselineError, match="no such file"):
        gate(compare=file, write=tmp_path / "other.toml")


def test_two_builds_of_an_installer_cannot_share_an_entry(tmp_path: Path) -> None:
    """If two builds of an installer would have the same entry, the error names both."""
    names = {("uv", "wire"): "uv", ("uv@a/uv", "wire"): "uv"}
    with pytest.raises(BaselineError, match="uv and uv@a/uv are both 'uv' in a baseline"):
        Gate(names, lambda _: True, write=tmp_path / "baseline.toml").opened()
    assert Gate(names, lambda _: True).opened().known is None
