"""Runs that are compared with a baseline, and runs that write one."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.plugin.conftest import Run, Write

AFFECTED = '[affected]\nreference = ">= 0"\n'


def entry(verdict: str, step: int | None = None, *, name: str = "uv-1") -> str:
    """Return an entry of the reference installer in a baseline."""
    head = f'["scenarios/{name}.toml".reference]\nverdict = "{verdict}"\n'
    return head if step is None else f"{head}step = {step}\n"


def read(folder: Path) -> dict[str, object]:
    """Read the baseline that a run wrote."""
    return tomllib.loads((folder / "baseline.toml").read_text(encoding="utf-8"))


def test_a_known_failure_is_expected_and_a_new_one_fails(run: Run, write: Write) -> None:
    """A failure that is in the baseline is an xfail; a worse play fails, with advice."""
    write("scenarios/known.toml", write.scenario_text(again=1))
    write("scenarios/worse.toml", write.scenario_text(again=1))
    write("scenarios/good.toml", write.scenario_text())
    write("scenarios/strange.toml", write.scenario_text())
    text = entry("failed", 3, name="known") + entry("passed", name="worse")
    write("baseline.toml", text + entry("passed", name="good"))
    result = run("scenarios", "--indexcache-baseline=baseline.toml", "-rx")
    result.assert_outcomes(xfailed=1, failed=1, passed=2)
    result.stdout.fnmatch_lines(
        [
            "failed at step 3, which is worse than the baseline: passed",
            "scenarios/known * failed (known)",
            "scenarios/worse * failed (worse)",
            "1 failed (known), 1 failed (worse), 2 passed*",
            "worse than baseline.toml",
            "  scenarios/worse",
            "    reference (inprocess): failed at step 3, was passed",
            "not in baseline.toml: 1 play",
            "to accept intended changes, play with --indexcache-write-baseline baseline.toml",
        ]
    )
    result.stdout.fnmatch_lines(["XFAIL *known.toml*as in the baseline: failed at step 3*"])


def test_what_is_better_fails_if_strict(run: Run, write: Write) -> None:
    """A play that is better than the baseline fails, or is only a warning if not strict."""
    write("scenarios/uv-1.toml", write.scenario_text())
    write("baseline.toml", entry("failed", 3))
    arguments = ("scenarios", "--indexcache-baseline=baseline.toml")
    result = run(*arguments)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*The baseline is out of date: write it again.", "better than baseline.toml"]
    )
    result = run(*arguments, "--indexcache-no-strict", "-Werror")
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(
        [
            "*better: passed, the baseline says failed at step 3",
            "    reference (inprocess): passed, was failed at step 3",
        ]
    )


def test_fixed_fails_or_warns(run: Run, write: Write) -> None:
    """Without a baseline, a pass despite ``[affected]`` fails, or is a warning if not strict."""
    write("scenarios/uv-1.toml", write.scenario_text(extra=AFFECTED))
    run("scenarios", "--indexcache-strict").assert_outcomes(failed=1)
    result = run("scenarios", "--indexcache-no-strict")
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(["*fixed: every expectation holds*", "scenarios/uv-1 * fixed"])


def test_a_known_bug_that_comes_back_is_worse(run: Run, write: Write) -> None:
    """A failure of a bug that the baseline calls fixed fails the run, despite ``[affected]``."""
    write("scenarios/uv-1.toml", write.scenario_text(again=1, extra=AFFECTED))
    write("baseline.toml", entry("fixed"))
    result = run("scenarios", "--indexcache-baseline=baseline.toml")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*reproduced at step 3, which is worse than the baseline: fixed"])


def test_what_is_no_longer_played_is_worse(run: Run, write: Write) -> None:
    """A scenario that is skipped now, but passed in the baseline, fails the run."""
    text = write.scenario_text().replace('do = "remove-venv"', 'command = { uv = "uv lock" }')
    write("scenarios/uv-1.toml", text)
    write("baseline.toml", entry("passed"))
    result = run("scenarios", "--indexcache-baseline=baseline.toml")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["skipped: *command*", "*: skipped, was passed"])
    write("baseline.toml", entry("skipped"))
    run("scenarios", "--indexcache-baseline=baseline.toml").assert_outcomes(skipped=1)


def test_writing_accepts_what_fails(run: Run, write: Write, pytester: pytest.Pytester) -> None:
    """A run that writes the baseline passes, and so does the next run with that baseline."""
    write("scenarios/uv-1.toml", write.scenario_text(again=1))
    write("scenarios/uv-2.toml", write.scenario_text())
    result = run("scenarios", "--indexcache-write-baseline=baseline.toml")
    result.assert_outcomes(xfailed=1, passed=1)
    result.stdout.fnmatch_lines(["written: baseline.toml"])
    result.stdout.no_fnmatch_line("to accept*")
    assert read(pytester.path) == {
        "scenarios/uv-1.toml": {"reference": {"verdict": "failed", "step": 3}},
        "scenarios/uv-2.toml": {"reference": {"verdict": "passed"}},
    }
    again = run("scenarios", "--indexcache-baseline=baseline.toml")
    again.assert_outcomes(xfailed=1, passed=1)
    assert again.ret == 0


def test_a_part_of_the_plays_leaves_the_rest(
    run: Run, write: Write, pytester: pytest.Pytester
) -> None:
    """Entries of plays that ``-k`` or the installer leaves out stay in a written baseline."""
    write("scenarios/uv-1.toml", write.scenario_text())
    write("scenarios/uv-2.toml", write.scenario_text())
    write("baseline.toml", entry("failed", 3) + entry("failed", 1, name="uv-2"))
    other = "--indexcache-installer=reference:obey-no-store"
    written = run("scenarios", "-k", "uv-2", "--indexcache-write-baseline=baseline.toml", other)
    written.assert_outcomes(xfailed=1)
    assert read(pytester.path) == {
        "scenarios/uv-1.toml": {"reference": {"verdict": "failed", "step": 3}},
        "scenarios/uv-2.toml": {
            "reference": {"verdict": "failed", "step": 1},
            "reference:obey-no-store": {"verdict": "failed", "step": 3},
        },
    }
    held = run("scenarios", "-k", "uv-2", "--indexcache-baseline=baseline.toml", other)
    held.assert_outcomes(xfailed=1)
    held.stdout.no_fnmatch_line("*uv-1*")


def test_transports_have_entries_of_their_own(
    run: Run, write: Write, pytester: pytest.Pytester
) -> None:
    """An installer that plays over both transports has two entries in the baseline."""
    write("scenarios/uv-1.toml", write.scenario_text())
    both = "--indexcache-transport=both"
    run("scenarios", both, "--indexcache-write-baseline=baseline.toml").assert_outcomes(passed=2)
    assert read(pytester.path) == {
        "scenarios/uv-1.toml": {
            "reference": {"verdict": "passed"},
            "reference[wire]": {"verdict": "passed"},
        }
    }


def test_an_error_is_written_and_seen(run: Run, write: Write, pytester: pytest.Pytester) -> None:
    """An invalid scenario fails the run that writes the baseline, and is an xfail in later runs."""
    write("scenarios/uv-1.toml", write.scenario_text().replace("downloads", "downlods"))
    run("scenarios", "--indexcache-write-baseline=baseline.toml").assert_outcomes(errors=1)
    assert read(pytester.path) == {"scenarios/uv-1.toml": {"reference": {"verdict": "error"}}}
    result = run("scenarios", "--indexcache-baseline=baseline.toml")
    result.assert_outcomes(xfailed=1)
    result.stdout.fnmatch_lines(["scenarios/uv-1 * error (known)"])


def test_exitfirst_writes_what_was_played(pytester: pytest.Pytester, write: Write) -> None:
    """With ``-x``, entries of scenarios that were not reached are kept."""
    write("scenarios/uv-1.toml", write.scenario_text().replace("downloads", "downlods"))
    write("scenarios/uv-2.toml", write.scenario_text(again=1))
    write("baseline.toml", entry("passed") + entry("passed", name="uv-2"))
    arguments = ("--indexcache-scenarios", "scenarios", "-x")
    pytester.runpytest(*arguments, "--indexcache-write-baseline=baseline.toml")
    assert read(pytester.path) == {
        "scenarios/uv-1.toml": {"reference": {"verdict": "error"}},
        "scenarios/uv-2.toml": {"reference": {"verdict": "passed"}},
    }


def test_collecting_writes_nothing(pytester: pytest.Pytester, write: Write) -> None:
    """With ``--collect-only`` neither baseline nor report is written."""
    write("scenarios/uv-1.toml", write.scenario_text())
    pytester.runpytest(
        "--indexcache-scenarios",
        "scenarios",
        "--collect-only",
        "--indexcache-write-baseline=baseline.toml",
        "--indexcache-report=report.json",
    )
    assert not (pytester.path / "baseline.toml").exists()
    assert not (pytester.path / "report.json").exists()


def test_scenarios_of_the_catalogue_are_known_by_their_node_ids(
    pytester: pytest.Pytester,
) -> None:
    """A baseline may name scenarios of the catalogue, and an unknown name is an error."""
    name = "scenarios/pytorch/uv-15303-cpu-wheel-not-cached.toml"
    file = pytester.path / "baseline.toml"
    file.write_text(f'["{name}".uv]\nverdict = "passed"\n', encoding="utf-8")
    arguments = ("--indexcache-scenarios", "--indexcache-baseline=baseline.toml", "--collect-only")
    assert "no such scenario" not in pytester.runpytest(*arguments).stderr.str()
    file.write_text(f'["{name}x".uv]\nverdict = "passed"\n', encoding="utf-8")
    assert "no such scenario" in pytester.runpytest(*arguments).stderr.str()


@pytest.mark.parametrize("option", ["--indexcache-baseline", "--indexcache-write-baseline"])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[", "it cannot be read as TOML: *"),
        ("a = 1\n", "a: must be a table of installers, not 1"),
        (entry("passed", name="none"), '"scenarios/none.toml": there is no such scenario'),
        (entry("pass"), "\"scenarios/uv-1.toml\".reference.verdict: there is no verdict 'pass'"),
        (entry("failed"), '"scenarios/uv-1.toml".reference.step: the step that failed is missing'),
    ],
)
def test_a_baseline_that_is_wrong_ends_the_run_before_it_begins(
    pytester: pytest.Pytester, write: Write, option: str, text: str, message: str
) -> None:
    """The error for an invalid baseline names option, file and key, and the file is kept."""
    write("scenarios/uv-1.toml", write.scenario_text())
    file = write("baseline.toml", text)
    result = pytester.runpytest("--indexcache-scenarios", "scenarios", f"{option}=baseline.toml")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {option}: *baseline.toml: {message}"])
    assert file.read_text(encoding="utf-8") == text


def test_a_baseline_that_is_missing_says_how_to_write_it(pytester: pytest.Pytester) -> None:
    """The usage error for a missing baseline names the option that writes it."""
    result = pytester.runpytest("--indexcache-scenarios", "--indexcache-baseline=none.toml")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --indexcache-baseline: *none.toml: there is no such file"])
    result.stderr.fnmatch_lines(["*hint: write it: --indexcache-write-baseline *none.toml"])


def test_a_baseline_that_cannot_be_written_fails_the_run(run: Run, write: Write) -> None:
    """A run fails if its baseline cannot be written, even if each play is accepted."""
    write("scenarios/uv-1.toml", write.scenario_text(again=1))
    write("file", "")
    result = run("scenarios", "--indexcache-write-baseline=file/baseline.toml")
    result.assert_outcomes(xfailed=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["ERROR: *file/baseline.toml: it cannot be written: *"])
