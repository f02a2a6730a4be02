"""The reports that a run writes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_indexcache.reports.json_report import read_json_report
from pytest_indexcache.run.plays.results import Change, Verdict

if TYPE_CHECKING:
    from tests.plugin.conftest import Run, Write

BOTH = ("--indexcache-installer=reference:obey-no-store", "--indexcache-installer=reference")


def test_every_play_is_in_every_report(run: Run, write: Write, pytester: pytest.Pytester) -> None:
    """Each report contains all plays in order, and an error for each invalid file."""
    write("scenarios/uv-1.toml", write.scenario_text())
    write("scenarios/uv-2.toml", "title = 1\n")
    files = [pytester.path / "new" / f"report{suffix}" for suffix in (".json", ".md", ".html")]
    options = [f"--indexcache-report={file.relative_to(pytester.path)}" for file in files]
    result = run("scenarios", *BOTH, *options)
    result.assert_outcomes(failed=1, passed=1, errors=2)
    result.stdout.fnmatch_lines([f"written: {file}" for file in files])
    plays = read_json_report(files[0])
    assert [(play.scenario, play.installer, play.verdict) for play in plays] == [
        ("scenarios/uv-1.toml", "reference:obey-no-store", Verdict.FAILED),
        ("scenarios/uv-1.toml", "reference", Verdict.PASSED),
        ("scenarios/uv-2.toml", "reference:obey-no-store", Verdict.ERROR),
        ("scenarios/uv-2.toml", "reference", Verdict.ERROR),
    ]
    assert "title" in plays[2].reason
    markdown, page = (file.read_text(encoding="utf-8") for file in files[1:])
    assert "| scenarios/uv-1 | ❌ failed at step 3 | ✅ passed |" in markdown
    assert "torch-1.0-py3-none-any.whl was downloaded again" in markdown
    assert 'value="error" checked> 2 error' in page
    assert {path.name for path in files[0].parent.iterdir()} == {file.name for file in files}


def test_report_tells_what_the_baseline_made_of_it(
    run: Run, write: Write, pytester: pytest.Pytester
) -> None:
    """A report states how each play differs from the baseline."""
    write("scenarios/uv-1.toml", write.scenario_text(again=1))
    write("baseline.toml", '["scenarios/uv-1.toml".reference]\nverdict = "passed"\n')
    run("scenarios", "--indexcache-baseline=baseline.toml", "--indexcache-report=report.json")
    [play] = read_json_report(pytester.path / "report.json")
    assert (play.change, play.known) == (Change.WORSE, "passed")


def test_report_of_nothing_replaces_an_old_one(
    run: Run, write: Write, pytester: pytest.Pytester
) -> None:
    """A run without plays replaces an earlier report."""
    write("scenarios/uv-1.toml", write.scenario_text())
    file = write("report.md", "old")
    run("scenarios", "-k", "nothing", "--indexcache-report=report.md")
    assert "No scenario was played." in file.read_text(encoding="utf-8")


def test_a_kind_that_does_not_exist_is_a_usage_error(pytester: pytest.Pytester) -> None:
    """An unknown suffix of a report is a usage error."""
    result = pytester.runpytest("--indexcache-scenarios", "--indexcache-report=report.xml")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [
            "ERROR: --indexcache-report: report.xml: there are no reports of the kind '.xml'",
            "  hint: *",
        ]
    )


def test_a_report_that_cannot_be_written_fails_the_run_and_no_other(
    run: Run, write: Write, tmp_path: Path
) -> None:
    """If one report cannot be written, the run fails, and the other reports are written."""
    write("scenarios/uv-1.toml", write.scenario_text())
    write("file", "")
    good = tmp_path / "report.json"
    options = ("--indexcache-report=file/report.md", f"--indexcache-report={good}")
    result = run("scenarios", *options)
    result.assert_outcomes(passed=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["ERROR: *file/report.md: it cannot be written: *"])
    assert len(read_json_report(good)) == 1
