"""Commands in real processes: their output, their limits, and the end of all their processes."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_indexcache.errors import InstallerStartError
from pytest_indexcache.installers.processes.process import Finished, run_command
from pytest_indexcache.installers.processes.step_limits import StepLimits
from pytest_indexcache.installers.processes.step_watch import StepWatch

Run = Callable[..., Finished]

STUBBORN_FAMILY = """
    import os, signal, subprocess, sys, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    generation = int(sys.argv[1])
    with open("family", "a") as file:
        file.write(f"{os.getpid()}\\n")
    if generation < 3:
        subprocess.Popen([sys.executable, sys.argv[0], str(generation + 1)])
    print("generation", generation, flush=True)
    time.sleep(int(sys.argv[2]) if generation == 1 and len(sys.argv) > 2 else 600)
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function that runs a Python program in the test's folder."""

    def run_program(program: str, *arguments: str, **options: float) -> Finished:
        path = tmp_path / "program.py"
        path.write_text(textwrap.dedent(program), encoding="utf-8")
        command = [sys.executable, str(path), *arguments]
        environment = {"PATH": os.defpath}
        return run_command(command, folder=tmp_path, environment=environment, **options)  # type: ignore[arg-type]

    return run_program


def _wait_for(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def _is_gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    except OSError:
        state = ""
    if state:
        return state == "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def _family(folder: Path) -> list[int]:
    return [int(line) for line in (folder / "family").read_text("utf-8").split()]


def test_both_streams_come_in_the_order_they_were_written(run: Run) -> None:
    """Stdout and stderr are captured as one output, in the order of writing."""
    finished = run(
        """
        import sys
        for number, stream in enumerate([sys.stdout, sys.stderr] * 2):
            print(number, file=stream, flush=True)
        sys.exit(7)
        """
    )
    assert finished.output.split() == ["0", "1", "2", "3"]
    assert (finished.exit_code, finished.timed_out, finished.truncated) == (7, False, False)
    assert finished.seconds > 0


def test_a_command_sees_its_environment_alone_and_an_empty_stdin(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command inherits no environment variable, and its stdin is empty."""
    monkeypatch.setenv("INHERITED", "yes")
    finished = run(
        "import os, sys; print(sorted(set(os.environ) - {'LC_CTYPE'}), repr(sys.stdin.read()))"
    )
    assert finished.output.strip() == "['PATH'] ''"


def test_output_that_is_not_utf_8_does_no_harm(run: Run) -> None:
    """Bytes in an output that are not valid UTF-8 are replaced."""
    finished = run("import sys; sys.stdout.buffer.write(b'caf\\xe9\\x00\\xff')")
    assert finished.output == "caf�\x00�"


def test_output_of_200_megabytes_is_cut_and_fills_no_memory(run: Run) -> None:
    """Only the start and the end of a very long output are kept, in a few megabytes of memory."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    finished = run(
        """
        import sys
        print("begin")
        for _ in range(2000):
            sys.stdout.write("x" * 99_999 + "\\n")
        print("the end")
        """,
        output_limit=10_000,
    )
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert finished.truncated
    assert finished.succeeded
    assert finished.output.startswith("begin\nxxx")
    assert finished.output.endswith("xxx\nthe end\n")
    assert "[199,990,014 bytes of output are left out here]" in finished.output
    assert len(finished.output) < 10_100
    assert grown < 50_000 * (1024 if sys.platform == "darwin" else 1)


def test_a_time_limit_ends_the_command_and_all_its_descendants(run: Run, tmp_path: Path) -> None:
    """At the time limit, grandchildren that ignore SIGTERM are killed, and the output is kept."""
    finished = run(STUBBORN_FAMILY, "1", "600", limit=2.0)
    assert finished.timed_out
    assert finished.exit_code is None
    assert "generation 1" in finished.output
    family = _family(tmp_path)
    assert len(family) == 3
    assert all(_wait_for(lambda pid=pid: _is_gone(pid)) for pid in family)  # type: ignore[misc]


def test_what_a_command_leaves_running_is_ended_with_it(run: Run, tmp_path: Path) -> None:
    """Background processes of a command are ended when the command ends."""
    finished = run(STUBBORN_FAMILY, "1", "1")
    assert finished.succeeded
    family = _family(tmp_path)
    assert len(family) == 3
    assert all(_wait_for(lambda pid=pid: _is_gone(pid)) for pid in family)  # type: ignore[misc]


def test_a_command_may_tidy_up_when_its_time_is_over(run: Run, tmp_path: Path) -> None:
    """At the time limit, a command gets SIGTERM first, so that it can remove temporary files."""
    finished = run(
        """
        import pathlib, signal, sys, time
        def tidy(number, frame):
            pathlib.Path("tidied").touch()
            sys.exit(0)
        signal.signal(signal.SIGTERM, tidy)
        print("ready", flush=True)
        time.sleep(600)
        """,
        limit=2.0,
    )
    assert finished.timed_out
    assert (tmp_path / "tidied").exists()


def test_ctrl_c_ends_the_whole_family(tmp_path: Path) -> None:
    """KeyboardInterrupt is raised to the caller after all processes of the command have ended."""
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(STUBBORN_FAMILY), encoding="utf-8")
    code = f"""
        from pathlib import Path
        from pytest_indexcache.installers.processes.process import run_command
        command = [{sys.executable!r}, {str(program)!r}, "1", "600"]
        try:
            run_command(command, folder=Path({str(tmp_path)!r}), environment={{}})
        except KeyboardInterrupt:
            print("interrupted")
    """
    runner = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True
    )
    family_file = tmp_path / "family"
    assert _wait_for(lambda: family_file.exists() and len(_family(tmp_path)) == 3)
    runner.send_signal(signal.SIGINT)
    assert runner.communicate(timeout=30)[0] == "interrupted\n"
    assert all(_wait_for(lambda pid=pid: _is_gone(pid)) for pid in _family(tmp_path))  # type: ignore[misc]


def test_a_command_that_somebody_kills_tells_the_signal(run: Run) -> None:
    """The result of a killed command contains the signal in place of an exit code."""
    finished = run("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert (finished.exit_code, finished.killed_by) == (-9, "SIGKILL")


def test_a_process_that_leaves_the_group_holds_nobody_up(run: Run) -> None:
    """A command does not wait for the output of a process that has left its session."""
    program = """
        import os, subprocess, sys
        if len(sys.argv) > 1:
            os.setsid()
            import time
            time.sleep(60)
        else:
            print(subprocess.Popen([sys.executable, sys.argv[0], "child"]).pid, flush=True)
            import time
            time.sleep(1)
    """
    pid = int(run(program).output.split()[0])
    assert not _is_gone(pid)
    os.kill(pid, signal.SIGKILL)


def test_commands_run_side_by_side(tmp_path: Path) -> None:
    """Commands of several threads run concurrently, and each thread gets its own output."""
    outputs: dict[int, str] = {}

    def run_one(number: int) -> None:
        command = [sys.executable, "-c", f"print({number})"]
        outputs[number] = run_command(command, folder=tmp_path, environment={}).output

    threads = [threading.Thread(target=run_one, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outputs == {number: f"{number}\n" for number in range(6)}


@pytest.mark.parametrize(
    ("make", "problem", "hint"),
    [
        (Path.exists, "there is no such file", "give the path"),
        (Path.mkdir, "this is a folder", "in it"),
        (lambda path: path.write_text("#!/bin/sh\n"), "it is not executable", "chmod +x"),
        (
            lambda path: (path.write_bytes(b"\x7fELF nonsense"), path.chmod(0o755)),
            "it is not a program that this machine can run",
            "built for this platform",
        ),
        (
            lambda path: (path.write_text("#!/nowhere/python\n"), path.chmod(0o755)),
            "the interpreter in its first line does not exist",
            "again",
        ),
    ],
    ids=["missing", "folder", "not executable", "not a program", "interpreter gone"],
)
def test_what_is_no_executable_gives_an_error_that_says_what_to_do(
    tmp_path: Path, make: Callable[[Path], object], problem: str, hint: str
) -> None:
    """The error for a file that cannot be started names the file and gives a remedy."""
    path = tmp_path / "uv"
    make(path)
    with pytest.raises(InstallerStartError) as caught:
        run_command([str(path)], folder=tmp_path, environment={})
    assert caught.value.spec == str(path)
    assert problem in caught.value.problem
    assert hint in caught.value.hint


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The error for a missing working folder names the folder, not the executable."""
    with pytest.raises(InstallerStartError, match=r".*gone to start it in does not exist"):
        run_command([sys.executable], folder=tmp_path / "gone", environment={})


def test_interrupt_before_the_output_is_read_ends_the_command(tmp_path: Path) -> None:
    """Ctrl-C directly after the start ends the command, and no other error takes its place."""
    started = []

    class _Interrupted(StepWatch):
        def follow(self, process: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
            started.append(process)
            raise KeyboardInterrupt

    with _Interrupted(StepLimits()) as watch, pytest.raises(KeyboardInterrupt):
        run_command(
            [sys.executable, "-c", "import time; time.sleep(600)"],
            folder=tmp_path,
            environment={"PATH": os.defpath},
            watch=watch,
        )
    assert started[0].returncode is not None
