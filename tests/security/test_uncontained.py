"""Scenarios that are played without Landlock, and scenarios that are refused.

A seccomp filter makes this machine's kernel answer the creation of a Landlock ruleset like a kernel
without Landlock.
"""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pytest_indexcache.installers.containment.kernel import KernelSupport, kernel_support
from pytest_indexcache.installers.containment.modes import ContainmentMode
from pytest_indexcache.installers.containment.system_calls import give_up_privileges, set_filter
from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.run.loading import load_playable
from pytest_indexcache.run.matrix.cells import Cell, NamedScenario, PlayTask
from pytest_indexcache.run.matrix.workers import Workplace
from pytest_indexcache.run.plays.results import PlayResult, Verdict
from pytest_indexcache.run.session import PlaySession

SCENARIO = """\
title = "A wheel comes once"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
six."1.17.0" = {}
[project]
dependencies = ["six"]
[[steps]]
do = "sync"
expect = { downloads = { six = 1 } }
"""

WAY_OUT = "--indexcache-trust FILE"
REASON = (
    "kernel without Landlock; without containment it is not played, because it has a file of its "
    "own (project/notes.txt)"
)


def _file(folder: Path, *, has_own_file: bool) -> Path:
    title, _, rest = SCENARIO.partition("\n")
    own = 'files = { "project/notes.txt" = "mine" }\n' if has_own_file else ""
    path = folder / "report.toml"
    path.write_text(f"{title}\n{own}{rest}", encoding="utf-8")
    return path


def _play(path: Path, folder: Path, mode: ContainmentMode, *, is_trusted: bool) -> PlayResult:
    kernel = KernelSupport(missing="kernel without Landlock")
    with PlaySession(contained=mode, kernel=kernel) as session:
        return session.play(
            load_playable(path).scenario,
            path.name,
            create_installer("reference"),
            "inprocess",
            folder / "play",
            is_trusted=is_trusted,
        )


@pytest.mark.parametrize(
    ("mode", "has_own_file", "is_trusted", "verdict"),
    [
        ("auto", False, False, Verdict.PASSED),
        ("auto", True, False, Verdict.ERROR),
        ("auto", True, True, Verdict.PASSED),
        ("off", True, False, Verdict.PASSED),
        ("require", False, False, Verdict.ERROR),
        ("require", True, True, Verdict.ERROR),
    ],
)
def test_own_files_are_not_played_without_containment(
    tmp_path: Path, mode: str, has_own_file: bool, is_trusted: bool, verdict: Verdict
) -> None:
    """Without Landlock, a scenario with its own files is played only if it is trusted."""
    path = _file(tmp_path, has_own_file=has_own_file)
    result = _play(path, tmp_path, ContainmentMode(mode), is_trusted=is_trusted)
    assert result.verdict is verdict, result.reason
    assert not result.was_contained
    if verdict is Verdict.ERROR:
        assert "cannot contain the installer: kernel without Landlock" in result.reason
        assert result.steps == ()
        assert not (tmp_path / "play" / "project").exists()
    if (mode, verdict) == ("auto", Verdict.ERROR):
        assert REASON in result.reason
        assert WAY_OUT in result.reason


@pytest.mark.parametrize("is_trusted", [False, True])
def test_cells_of_a_matrix_know_whether_they_are_trusted(tmp_path: Path, is_trusted: bool) -> None:
    """Without Landlock, a worker of a matrix plays a scenario with files only if it is trusted."""
    path = _file(tmp_path, has_own_file=True)
    scenario = NamedScenario("report.toml", load_playable(path).scenario, path, is_trusted)
    task = PlayTask.of(Cell(scenario, create_installer("reference"), "inprocess"))
    kernel = KernelSupport(missing="kernel without Landlock")
    with PlaySession(kernel=kernel) as session:
        result = task(Workplace(session, tmp_path))
    assert result.verdict is (Verdict.PASSED if is_trusted else Verdict.ERROR)


_RETURN, _LOAD, _JUMP_EQUAL = 0x06, 0x20, 0x15
_REFUSE_RULESETS = b"".join(
    struct.pack("=HBBI", *step)
    for step in (
        (_LOAD, 0, 0, 0),
        (_JUMP_EQUAL, 0, 1, 444),  # landlock_create_ruleset
        (_RETURN, 0, 0, 0x00050000 | 38),  # SECCOMP_RET_ERRNO with ENOSYS
        (_RETURN, 0, 0, 0x7FFF0000),
    )
)


def _run_without_landlock(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command as if this kernel did not have Landlock."""
    done: list[subprocess.CompletedProcess[str]] = []

    def run() -> None:
        give_up_privileges()
        set_filter(_REFUSE_RULESETS)
        environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}
        done.append(
            subprocess.run(
                command, cwd=folder, env=environment, capture_output=True, text=True, check=False
            )
        )

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return done[0]


needs_filters = pytest.mark.skipif(
    not kernel_support().can_contain, reason="this kernel has no containment to take away"
)


@needs_filters
@pytest.mark.parametrize("options", [(), ("--trust",), ("--contained", "off")], ids=" ".join)
def test_a_command_says_why_it_does_not_play_and_what_to_do(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    """Without Landlock, ``play`` refuses an untrusted file with the reason and a remedy."""
    _file(tmp_path, has_own_file=True)
    command = (sys.executable, "-m", "pytest_indexcache.cli", "play", "report.toml", *options)
    done = _run_without_landlock(*command, folder=tmp_path)
    assert done.returncode == (0 if options else 125), done.stdout + done.stderr
    told = " ".join(done.stdout.split())
    assert (REASON in told, WAY_OUT in told) == (not options, not options)
    assert "not contained: " in told


@needs_filters
def test_pytest_says_in_its_header_that_nothing_is_contained(tmp_path: Path) -> None:
    """Without Landlock, pytest's header says so, and a scenario that is not trusted is an error."""
    path = _file(tmp_path, has_own_file=True)
    command = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--indexcache-scenarios")
    done = _run_without_landlock(*command, str(path), folder=tmp_path)
    header = "indexcache: not contained: kernel without Landlock; a file with commands or files of "
    assert header in done.stdout
    assert "1 error" in done.stdout
    trusted = ("--indexcache-trust", str(path))
    done = _run_without_landlock(*command, str(path), *trusted, folder=tmp_path)
    assert "1 passed" in done.stdout, done.stdout
