"""Installers that the command line names: their plays, and the errors for unusable ones."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., pytest.RunResult]
Write = Callable[[str, str], Path]

NOTHING_IS_DOWNLOADED = """\
title = "Nothing comes"
[affected]
hatch = "< 1.3"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
torch."1.0" = {}
[project]
dependencies = ["torch"]
[[steps]]
do = "sync"
expect = { downloads = {} }
"""
TORCH_IS_DOWNLOADED = NOTHING_IS_DOWNLOADED.replace("ads = {}", "ads = { torch = 1 }")

ADAPTER = """\
from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.installers.contract.installer import Outcome

class Hatch:
    is_embedded = False

    def __init__(self, spec, supply):
        self.spec, self._supply = spec, supply

    @property
    def version(self):
        return self._supply.version

    def lacks(self, scenario):
        return "hatch has no locks" if any(s.do == "lock" for s in scenario.steps) else None

    def write_project(self, scenario, folder, workspace):
        (workspace.folder(folder) / "hatch.toml").touch()

    def play(self, step, scenario, workspace, network):
        assert network.proxy_url and network.ca_file.exists()
        return Outcome(ExitKind.SUCCESS, 0, f"hatch {step.do}")

    def lockfile_of(self, step):
        return "hatch.lock"

    def locked(self, folder):
        return {}
"""


@pytest.fixture(params=[(), ("-n", "2")], ids=["alone", "two workers"])
def run_outside(pytester: pytest.Pytester, request: pytest.FixtureRequest) -> Run:
    """Return a runner of pytest in a new process, which finds packages by PYTHONPATH."""

    def run_pytest(*arguments: str) -> pytest.RunResult:
        return pytester.runpytest_subprocess("--indexcache-scenarios", *request.param, *arguments)

    return run_pytest


@pytest.fixture
def hatch(pytester: pytest.Pytester, write: Write, monkeypatch: pytest.MonkeyPatch) -> str:
    """Write a package whose entry point adds an installer on PATH; return the package's name."""
    write("site/somebodys_hatch.py", ADAPTER)
    write("site/somebodys-1.0.dist-info/METADATA", "Name: somebodys\nVersion: 1.0\n")
    write(
        "site/somebodys-1.0.dist-info/entry_points.txt",
        "[pytest_indexcache.installers]\nhatch = somebodys_hatch:Hatch\n",
    )
    executable = write("bin/hatch", f"#!{sys.executable}\nprint('Hatch, version 1.2.3')\n")
    executable.chmod(0o755)
    monkeypatch.setenv("PYTHONPATH", str(pytester.path / "site"))
    monkeypatch.setenv("PATH", str(pytester.path / "bin"))
    return "hatch"


def test_an_installer_of_an_entry_point_plays_on_the_wire(
    run_outside: Run, write: Write, hatch: str
) -> None:
    """An installer from an entry point plays only on the wire, and is named by its spec."""
    write("scenarios/uv-1.toml", NOTHING_IS_DOWNLOADED)
    result = run_outside(
        "scenarios", "-v", "--indexcache-installer", hatch, "--indexcache-transport", "both"
    )
    result.assert_outcomes(xfailed=1)
    result.stdout.fnmatch_lines(["*scenarios/uv-1.toml::hatch*", "*hatch (wire)*", "*reproduced"])


def test_what_an_installer_lacks_is_the_reason_of_a_skip(
    run_outside: Run, write: Write, hatch: str
) -> None:
    """If the adapter does not support a verb, the play is skipped with that reason."""
    write("scenarios/uv-1.toml", NOTHING_IS_DOWNLOADED.replace('"sync"', '"lock"'))
    result = run_outside("scenarios", "-rs", "--indexcache-installer", hatch)
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*SKIPPED*hatch has no locks*"])


def test_an_installer_that_is_not_on_path_is_an_error(
    run: Run, write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The error for an installer that is not on PATH has a hint, and other installers play."""
    monkeypatch.setenv("PATH", str(tmp_path))
    write("scenarios/uv-1.toml", TORCH_IS_DOWNLOADED)
    specs = ("--indexcache-installer", "uv", "--indexcache-installer", "reference")
    result = run("scenarios", *specs)
    result.assert_outcomes(errors=1, passed=1)
    result.stdout.fnmatch_lines(["*uv: it is not on PATH", "*hint: install it, or name a release*"])


def test_a_build_that_does_not_exist_is_refused(run: Run, write: Write) -> None:
    """A run with a build that does not exist ends with a usage error before any play."""
    write("scenarios/uv-1.toml", TORCH_IS_DOWNLOADED)
    result = run("scenarios", "--indexcache-installer", "uv@/nowhere")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["ERROR: --indexcache-installer: uv@/nowhere: there is no such file", "*hint: give the *"]
    )


def test_a_run_in_which_all_is_skipped_is_not_green(
    run_outside: Run, write: Write, hatch: str
) -> None:
    """If all plays are skipped, pytest exits with its code for a run without tests."""
    write("scenarios/uv-1.toml", NOTHING_IS_DOWNLOADED.replace('"sync"', '"lock"'))
    write("scenarios/uv-2.toml", NOTHING_IS_DOWNLOADED.replace('"sync"', '"lock"'))
    result = run_outside("scenarios", "--indexcache-installer", hatch)
    result.assert_outcomes(skipped=2)
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.stdout.fnmatch_lines(
        [
            "skipped",
            "  2 plays: hatch has no locks",
            "2 skipped: *",
            "nothing was played: every play was skipped",
        ]
    )
    specs = ("--indexcache-installer", hatch, "--indexcache-installer", "reference")
    mixed = run_outside("scenarios", *specs)
    assert mixed.ret != pytest.ExitCode.NO_TESTS_COLLECTED
    mixed.stdout.fnmatch_lines(["  2 plays: hatch has no locks"])


def test_a_run_that_deselects_all_says_so(run: Run, write: Write) -> None:
    """If ``-k`` leaves no scenario, the run says why, and exits with pytest's code for no tests."""
    write("scenarios/uv-1.toml", TORCH_IS_DOWNLOADED)
    result = run("scenarios", "-k", "uv-2")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.stdout.fnmatch_lines(["nothing was played: no scenario was found, or -k, -m or *"])


def test_an_adapter_that_cannot_be_imported_stops_the_run(
    run_outside: Run, write: Write, hatch: str
) -> None:
    """The usage error for an adapter that cannot be imported names its entry point."""
    write("site/somebodys_hatch.py", "import there_is_no_such_module\n")
    write("scenarios/uv-1.toml", NOTHING_IS_DOWNLOADED)
    result = run_outside("scenarios", "--indexcache-installer", hatch)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*hatch: its adapter somebodys_hatch:Hatch cannot be loaded: *"])


def test_a_build_that_does_not_start_is_an_error(run: Run, write: Write) -> None:
    """A local build that does not start is an error, not a skip or a failure."""
    write("scenarios/uv-1.toml", NOTHING_IS_DOWNLOADED)
    build = write("target/debug/uv", "#!/bin/sh\necho a panic; exit 101\n")
    build.chmod(0o755)
    result = run("scenarios", "--indexcache-installer", f"uv@{build}")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*it does not start*gave 101*", "*a panic*"])


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("uvv", "*there is no installer 'uvv'*"),
        ("", "*this is not an installer spec*"),
    ],
)
def test_a_spec_that_is_wrong_stops_the_run_at_once(
    run: Run, write: Write, spec: str, message: str
) -> None:
    """An invalid installer spec is a usage error."""
    write("scenarios/uv-1.toml", NOTHING_IS_DOWNLOADED)
    result = run("scenarios", "--indexcache-installer", spec)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])


def test_the_same_installer_plays_once(run: Run, write: Write) -> None:
    """An installer that is named twice plays each scenario once."""
    write(
        "scenarios/uv-1.toml",
        TORCH_IS_DOWNLOADED,
    )
    specs = ("--indexcache-installer", "reference") * 2
    run("scenarios", *specs).assert_outcomes(passed=1)
