"""The files that a run plays, and the names of their results."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_indexcache.cli import main
from pytest_indexcache.scenario_files import scenario_files

if TYPE_CHECKING:
    from tests.plugin.conftest import Run, Write


@pytest.fixture
def outside(pytester: pytest.Pytester, write: Write) -> list[str]:
    """Write two scenarios outside rootdir whose paths have equal ends; the second one fails."""
    write("root/pytest.ini", "[pytest]\n")
    write("root/caching/s.toml", write.scenario_text())
    write("x/caching/s.toml", write.scenario_text())
    write("y/caching/s.toml", write.scenario_text(again=1))
    pytester.chdir()
    return ["--rootdir=root", "root/caching", "x/caching", "y/caching/s.toml"]


def test_files_outside_rootdir_are_results_of_their_own(
    run: Run, outside: list[str], pytester: pytest.Pytester
) -> None:
    """Files outside rootdir have separate results, even if the ends of their paths are equal."""
    result = run(*outside, "--indexcache-report=r.json", "--indexcache-report=r.md")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.re_match_lines(
        [r"x/caching/s +passed$", r"y/caching/s +failed$", r"caching/s +passed$"]
    )
    plays = json.loads((pytester.path / "r.json").read_text())["plays"]
    assert {play["scenario"]: play["verdict"] for play in plays} == {
        "caching/s.toml": "passed",
        "../x/caching/s.toml": "passed",
        "../y/caching/s.toml": "failed",
    }
    report = (pytester.path / "r.md").read_text()
    assert re.search(r"^\| y/caching/s \| .*failed", report, re.MULTILINE)


def test_baseline_of_files_outside_rootdir_is_read_back(
    run: Run, outside: list[str], pytester: pytest.Pytester
) -> None:
    """Names in a baseline are paths relative to rootdir, also for files outside rootdir."""
    run(*outside, "--indexcache-write-baseline=b.toml").assert_outcomes(passed=2, xfailed=1)
    entries = tomllib.loads((pytester.path / "b.toml").read_text(encoding="utf-8"))
    assert set(entries) == {"caching/s.toml", "../x/caching/s.toml", "../y/caching/s.toml"}
    run(*outside, "--indexcache-baseline=b.toml").assert_outcomes(passed=2, xfailed=1)


def test_baseline_is_read_back_though_it_moves_the_rootdir(
    run: Run, write: Write, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A baseline is read back even if its location changes pytest's rootdir."""
    write("root/pytest.ini", "[pytest]\n")
    for name in ("x", "y"):
        write(f"{name}/caching/s.toml", write.scenario_text())
    monkeypatch.chdir(pytester.path / "root")
    files = ["../x/caching/s.toml", "../y/caching/s.toml"]
    run(*files, "--indexcache-write-baseline", "b.toml").assert_outcomes(passed=2)
    assert set(tomllib.loads(Path("b.toml").read_text(encoding="utf-8"))) == set(files)
    run(*files, "--indexcache-baseline", "b.toml").assert_outcomes(passed=2)


def test_last_failed_knows_files_outside_rootdir(
    run: Run, outside: list[str], write: Write
) -> None:
    """``--lf`` plays both failed files, including the file outside rootdir."""
    write("root/caching/s.toml", write.scenario_text(again=1))
    run(*outside, "--keep-cache").assert_outcomes(passed=1, failed=2)
    run(*outside, "--lf").assert_outcomes(failed=2)


RECIPE = "--indexcache-baseline=caching/baseline.toml"
ACCEPT = "--indexcache-write-baseline=caching/baseline.toml"


def test_baseline_in_the_played_folder_is_not_played(
    run: Run, write: Write, pytester: pytest.Pytester
) -> None:
    """A baseline in the played folder is not played, as in the recipe of docs/ci.md."""
    write("caching/our-index.toml", write.scenario_text())
    run("caching", ACCEPT).assert_outcomes(passed=1)
    for option in (RECIPE, RECIPE, ACCEPT, RECIPE):
        run("caching", option).assert_outcomes(passed=1)
    entries = tomllib.loads((pytester.path / "caching/baseline.toml").read_text(encoding="utf-8"))
    assert set(entries) == {"caching/our-index.toml"}


@pytest.mark.parametrize("option", [RECIPE, ACCEPT])
def test_baseline_that_a_pattern_of_the_shell_names_is_not_played(
    run: Run, write: Write, option: str
) -> None:
    """A baseline that matches ``caching/*.toml`` is not played, even if it is empty."""
    write("caching/our-index.toml", write.scenario_text())
    baseline = write("caching/baseline.toml", "")
    run("caching/baseline.toml", "caching/our-index.toml", option).assert_outcomes(passed=1)
    assert ("our-index" in baseline.read_text(encoding="utf-8")) is (option == ACCEPT)


def test_other_baselines_in_a_folder_are_not_played(
    run: Run, write: Write, pytester: pytest.Pytester
) -> None:
    """A baseline that no option names is recognised by its contents and is not played."""
    write("caching/our-index.toml", write.scenario_text())
    run("caching", ACCEPT).assert_outcomes(passed=1)
    (pytester.path / "caching/baseline.toml").rename(pytester.path / "caching/macos.toml")
    run("caching").assert_outcomes(passed=1)


def test_every_command_finds_the_same_files(
    pytester: pytest.Pytester,
    write: Write,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Pytest and ``indexcache check`` find the same files in a folder."""
    places = ("a", "sub/b", ".venv/c", ".hidden/d", "build/e", "node_modules/f", "env/lib/g")
    for place in places:
        write(f"top/{place}.toml", write.scenario_text())
    write("top/env/pyvenv.cfg", "")
    found = scenario_files(pytester.path / "top")
    assert [path.stem for path in found] == ["a", "b"]
    result = pytester.runpytest("--indexcache-scenarios", "--collect-only", "-q", "top")
    collected = [line for line in result.outlines if "::" in line]
    assert collected == ["top/a.toml::reference", "top/sub/b.toml::reference"]
    capsys.readouterr()
    assert main(["check", "top"]) == 0
    checked = [line for line in capsys.readouterr().out.splitlines() if ".toml: " in line]
    assert [Path(line.partition(":")[0]).stem for line in checked] == ["a", "b"]
