"""The baseline file: how it is read, compared and written, and its errors."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from pytest_indexcache.errors import BaselineError
from pytest_indexcache.installers.contract.installer import InstallerSpec
from pytest_indexcache.run.baselines.baseline import Baseline, Known, compared, entry_name
from pytest_indexcache.run.plays.results import (
    Change,
    Check,
    CheckKind,
    PlayResult,
    StepResult,
    Verdict,
)

SCENARIO = "scenarios/a.toml"


def play_result(
    verdict: str, step: int | None = None, *, installer: str = "uv", scenario: str = SCENARIO
) -> PlayResult:
    """Return a result that fails at this step."""
    steps = [StepResult(number=number, verb="sync", title="") for number in range(1, step or 1)]
    if step is not None:
        failed = (Check(CheckKind.DOWNLOADS, "0", "1", held=False, subject="torch"),)
        steps.append(StepResult(number=step, verb="sync", title="", checks=failed))
    return PlayResult(
        scenario=scenario,
        title="t",
        installer=installer,
        installer_version="1",
        transport="wire",
        verdict=Verdict(verdict),
        steps=tuple(steps),
    )


def known(text: str) -> Known:
    """Return the known verdict of a text such as ``failed 3`` or ``passed``."""
    verdict, _, step = text.partition(" ")
    return Known(Verdict(verdict), int(step) if step else None)


def read(folder: Path, text: str) -> Baseline:
    """Read a baseline when only ``scenarios/a.toml`` and ``scenarios/b.toml`` exist."""
    file = folder / "baseline.toml"
    file.write_text(text, encoding="utf-8")
    return Baseline.read(file, {SCENARIO, "scenarios/b.toml"}.__contains__)


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        ("passed", "passed", Change.SAME),
        ("passed", "fixed", Change.SAME),
        ("fixed", "passed", Change.SAME),
        ("failed 3", "failed 3", Change.SAME),
        ("failed 3", "reproduced 3", Change.SAME),
        ("reproduced 3", "failed 3", Change.SAME),
        ("skipped", "skipped", Change.SAME),
        ("error", "error", Change.SAME),
        ("passed", "failed 3", Change.WORSE),
        ("passed", "reproduced 3", Change.WORSE),
        ("fixed", "reproduced 3", Change.WORSE),
        ("failed 3", "failed 1", Change.WORSE),
        ("passed", "skipped", Change.WORSE),
        ("skipped", "failed 1", Change.WORSE),
        ("passed", "error", Change.WORSE),
        ("failed 3", "error", Change.WORSE),
        ("skipped", "error", Change.WORSE),
        ("error", "failed 3", Change.WORSE),
        ("failed 3", "passed", Change.BETTER),
        ("reproduced 3", "fixed", Change.BETTER),
        ("failed 3", "failed 5", Change.BETTER),
        ("failed 3", "skipped", Change.BETTER),
        ("skipped", "passed", Change.BETTER),
        ("error", "passed", Change.BETTER),
        ("error", "skipped", Change.BETTER),
    ],
)
def test_a_play_is_compared_by_how_it_behaves(before: str, now: str, change: Change) -> None:
    """A comparison with a baseline depends on the failing step, but not on ``[affected]``."""
    assert compared(known(before), known(now)) is change


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        ("passed", "reproduced 3", Change.SAME),
        ("reproduced 3", "passed", Change.SAME),
        ("reproduced 3", "reproduced 1", Change.SAME),
        ("passed", "skipped", Change.WORSE),
        ("passed", "error", Change.WORSE),
    ],
)
def test_what_chance_decides_is_as_in_the_baseline(before: str, now: str, change: Change) -> None:
    """A release in ``[sometimes]`` may have another verdict than the baseline, except an error."""
    verdict, _, step = now.partition(" ")
    result = replace(play_result(verdict, int(step) if step else None), by_chance=True)
    baseline = Baseline({result.scenario: {"uv": known(before)}})
    assert baseline.judged("uv", result).change is change


def test_what_has_no_entry_is_new() -> None:
    """A play without an entry in the baseline is new."""
    result = Baseline().judged("uv", play_result("failed", 3))
    assert (result.change, result.known) == (Change.NEW, "")


@pytest.mark.parametrize(
    ("spec", "transport", "embedded", "name"),
    [
        ("uv", "wire", False, "uv"),
        ("uv@target/debug/uv", "wire", False, "uv"),
        ("uv@/elsewhere/uv", "wire", False, "uv"),
        ("uv==0.8.11", "wire", False, "uv==0.8.11"),
        ("reference", "inprocess", True, "reference"),
        ("reference", "wire", True, "reference[wire]"),
        ("reference:obey-no-store", "inprocess", True, "reference:obey-no-store"),
    ],
)
def test_entry_of_a_build_has_neither_path_nor_version(
    spec: str, transport: str, embedded: bool, name: str
) -> None:
    """The baseline entry of a local build contains neither its path nor its version."""
    assert entry_name(InstallerSpec.parse(spec), transport, is_embedded=embedded) == name


def test_results_are_merged_and_come_back(tmp_path: Path) -> None:
    """A new baseline keeps the entries of plays that this run did not make."""
    before = read(
        tmp_path,
        '["scenarios/a.toml".uv]\nverdict = "failed"\nstep = 3\n'
        '["scenarios/a.toml"."uv == 0.8.11"]\nverdict = "reproduced"\nstep = 2\n'
        '["scenarios/b.toml"."reference[wire]"]\nverdict = "passed"\n',
    )
    after = before.updated([("uv", play_result("passed")), ("pip", play_result("failed", 2))])
    assert read(tmp_path, after.dumps()) == after
    assert tomllib.loads(after.dumps()) == {
        "scenarios/a.toml": {
            "uv": {"verdict": "passed"},
            "pip": {"verdict": "failed", "step": 2},
            "uv==0.8.11": {"verdict": "reproduced", "step": 2},
        },
        "scenarios/b.toml": {"reference[wire]": {"verdict": "passed"}},
    }
    assert before.entries[SCENARIO]["uv"] == Known(Verdict.FAILED, 3)


def test_text_does_not_depend_on_the_order_of_plays() -> None:
    """The same results give the same baseline text in any order."""
    results = [
        ("uv", play_result("passed", scenario="scenarios/b.toml")),
        ("pip", play_result("failed", 2)),
        ("uv", play_result("passed")),
    ]
    text = Baseline().updated(results).dumps()
    assert text == Baseline().updated(reversed(results)).dumps()
    assert text.startswith("# ")
    assert text.endswith(
        '["scenarios/a.toml".pip]\nverdict = "failed"\nstep = 2\n\n'
        '["scenarios/a.toml".uv]\nverdict = "passed"\n\n'
        '["scenarios/b.toml".uv]\nverdict = "passed"\n'
    )


def test_an_error_in_the_middle_has_no_step(tmp_path: Path) -> None:
    """In a baseline, only a failure has a step; an error has none."""
    text = Baseline().updated([("uv", play_result("error", 2))]).dumps()
    assert read(tmp_path, text).entries[SCENARIO]["uv"] == Known(Verdict.ERROR)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = [", "it cannot be read as TOML: *"),
        ("\na = ?", "it cannot be read as TOML: *line 2*"),
        ("a = 1\na = 2\n", "it cannot be read as TOML: *"),
        pytest.param(f"a = {'[' * 100_000}", "it cannot be read as TOML: *too deeply", id="deep"),
        ("uv = 1\n", "uv: must be a table of installers, not 1"),
        ('["scenarios/c.toml"]\n', '"scenarios/c.toml": there is no such scenario*rootdir*'),
        (
            '["scenarios/a.toml"]\nuv = "passed"\n',
            "\"scenarios/a.toml\".uv: must be a table with verdict and step, not 'passed'",
        ),
        ('["scenarios/a.toml".uv]\n', '"scenarios/a.toml".uv.verdict: the verdict is missing'),
        (
            '["scenarios/a.toml".uv]\nverdict = 1\n',
            '"scenarios/a.toml".uv.verdict: the verdict must be a string, not 1',
        ),
        (
            '["scenarios/a.toml".uv]\nverdict = "pased"\n',
            "*.uv.verdict: there is no verdict 'pased'*did you mean 'passed'?",
        ),
        (
            '["scenarios/a.toml".uv]\nverdict = "?"\n',
            "*.uv.verdict: there is no verdict '?'*there are: passed, reproduced, failed, *",
        ),
        (
            '["scenarios/a.toml".uv]\nverdict = "failed"\n',
            "*.uv.step: the step that failed is missing",
        ),
        (
            '["scenarios/a.toml".uv]\nverdict = "failed"\nstep = "3"\n',
            "*.uv.step: the step that failed must be a number from 1 on, not '3'",
        ),
        ('["scenarios/a.toml".uv]\nverdict = "failed"\nstep = true\n', "*.uv.step: * not True"),
        ('["scenarios/a.toml".uv]\nverdict = "failed"\nstep = 0\n', "*.uv.step: * not 0"),
        (
            '["scenarios/a.toml".uv]\nverdict = "passed"\nstep = 3\n',
            "*.uv.step: a play with verdict passed has no step that failed",
        ),
        (
            '["scenarios/a.toml".uv]\nverdict = "failed"\nstpe = 3\n',
            "*.uv.stpe: unknown key*did you mean 'step'?",
        ),
        (
            '["scenarios/a.toml"."uv==x"]\nverdict = "passed"\n',
            "*.\"uv==x\": '==x' is not a version specifier (PEP 440)*",
        ),
        (
            '["scenarios/a.toml"."uv@target/uv"]\nverdict = "passed"\n',
            '*."uv@target/uv": this is a path*a build has the name of its installer: uv',
        ),
        (
            '["scenarios/a.toml"."uv>=0.8"]\nverdict = "passed"\n',
            "*: this is a range*name each release: uv==VERSION",
        ),
        ('["scenarios/a.toml"."uv==0.8.*"]\nverdict = "passed"\n', "*: this is a range*"),
        (
            '["scenarios/a.toml"."\\u001b[31m"]\nverdict = "passed"\n',
            "*\\x1b[[]31m*: this is not an installer spec*",
        ),
    ],
)
def test_what_is_wrong_is_told_with_file_and_key(tmp_path: Path, text: str, message: str) -> None:
    """Each error of a baseline names the file, the key as TOML writes it, and the remedy."""
    with pytest.raises(BaselineError) as caught:
        read(tmp_path, text)
    pytest.LineMatcher([str(caught.value).replace("\n", " ")]).fnmatch_lines(
        [f"{tmp_path}/baseline.toml: {message.replace('[wire]', '[[]wire]')}"]
    )


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """A missing file, a folder and a file with a wrong encoding cause different errors."""
    with pytest.raises(BaselineError, match=r"no such file\n.*--indexcache-write-baseline"):
        Baseline.read(tmp_path / "none.toml", lambda _: True)
    with pytest.raises(BaselineError, match="it cannot be read: Is a directory"):
        Baseline.read(tmp_path, lambda _: True)
    (tmp_path / "latin.toml").write_bytes(b"# caf\xe9\n")
    with pytest.raises(BaselineError, match="it is not UTF-8: byte 6"):
        Baseline.read(tmp_path / "latin.toml", lambda _: True)


_KEYS = st.sampled_from([SCENARIO, "uv", "uv==1", "verdict", "step", "a.b"]) | st.text(max_size=3)
_VALUES = st.recursive(
    st.sampled_from(["passed", "failed", "", 0, 3, -1, True, 1.5]) | st.lists(st.integers()),
    lambda inner: st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(_KEYS, _VALUES, max_size=3))
def test_anything_is_read_or_told(tables: dict[str, Any]) -> None:
    """Any TOML is either a baseline that can be written again, or raises a clear error."""
    with TemporaryDirectory() as folder:
        try:
            found = read(Path(folder), tomli_w.dumps(tables))
        except BaselineError:
            return
        assert read(Path(folder), found.dumps()) == found
