"""Run a command until it ends or reaches a limit, and leave none of its processes behind."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from pytest_indexcache.errors import InstallerError, InstallerStartError
from pytest_indexcache.installers.containment.containment import Containment
from pytest_indexcache.installers.containment.starts import start_contained
from pytest_indexcache.installers.processes.step_limits import ReachedLimit
from pytest_indexcache.installers.processes.step_watch import StepWatch

GRACE_SECONDS: Final = 2.0
"""How many seconds to wait after SIGTERM before a process is ended with SIGKILL."""

_CHUNK_BYTES: Final = 1 << 16
_LAST_WORDS_SECONDS: Final = 2.0
_ON_WINDOWS: Final = os.name == "nt"


@dataclass(frozen=True)
class Finished:
    """The result of a command that exited or was stopped.

    ``exit_code`` is None if the command was stopped at its time limit. If a signal killed it
    (POSIX), it is the signal number as a negative number. ``output`` is stdout and stderr in the
    order in which they were written; ``truncated`` is true if the middle of the output was left
    out. ``reached`` is the limit at which the command was stopped; it is None for the time limit,
    or if the command was not stopped.
    """

    exit_code: int | None
    output: str
    timed_out: bool
    seconds: float
    truncated: bool
    reached: ReachedLimit | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the command exited with code 0, without being stopped."""
        return self.exit_code == 0

    @property
    def killed_by(self) -> str | None:
        """The name of the signal that killed the command, such as ``SIGKILL``, or None."""
        if self.exit_code is None or self.exit_code >= 0:
            return None
        try:
            return signal.Signals(-self.exit_code).name
        except ValueError:
            return f"signal {-self.exit_code}"


def run_command(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    limit: float = 120.0,
    output_limit: int = 1_000_000,
    containment: Containment | None = None,
    watch: StepWatch | None = None,
) -> Finished:
    """Run a command in a folder, with exactly this environment and an empty stdin.

    ``limit`` is in seconds, ``output_limit`` in bytes: if the output is longer, only its beginning
    and end are kept. The kernel restricts the command to ``containment``. ``watch`` enforces all
    other limits. The whole process group is ended before this function returns, even on Ctrl-C.

    :raises InstallerStartError: if the command cannot be started
    :raises ContainmentError: if the command cannot be contained
    """
    started = time.perf_counter()
    process = _start(command, folder, environment, containment)
    output = KeptOutput(output_limit)
    reader = threading.Thread(target=_read, args=(process.stdout, output, watch), daemon=True)
    # Popen.wait with a limit polls every 50 ms, which is longer than some commands run.
    waiter = threading.Thread(target=process.wait, daemon=True)
    try:
        if watch:
            watch.follow(process)
        reader.start()
        waiter.start()
        waiter.join(limit)
        timed_out = waiter.is_alive()
    finally:
        _end_group(process, waiter)
        # A process that left the group may hold the pipe open: do not wait for its output.
        _join_reader(reader, process)
    reached = watch.reached if watch else None
    return Finished(
        exit_code=None if timed_out or reached else process.returncode,
        output=output.text(),
        timed_out=timed_out,
        seconds=time.perf_counter() - started,
        truncated=output.cut > 0,
        reached=reached,
    )


def _start(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    containment: Containment | None,
) -> subprocess.Popen[bytes]:
    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            list(command),
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            start_new_session=not _ON_WINDOWS,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )

    try:
        return start() if containment is None else start_contained(containment, start)
    except (OSError, ValueError) as error:
        raise _not_started(command[0], folder, error) from error


def program_problem(path: Path) -> tuple[str, str] | None:
    """Return the reason why a path cannot be a program, with a hint; None if it is a file."""
    if not path.exists():
        return "there is no such file", "give the path of the installer's executable"
    if path.is_dir():
        return "this is a folder", "give the path of the executable in it"
    return None


def _not_started(executable: str, folder: Path, error: OSError | ValueError) -> InstallerError:
    path = Path(executable)
    if not folder.is_dir():
        return InstallerStartError(executable, f"the folder {folder} to start it in does not exist")
    found = program_problem(path)
    if found is not None:
        problem, hint = found
    elif isinstance(error, PermissionError):
        problem, hint = "it is not executable", f"allow it to run: chmod +x {path}"
    elif isinstance(error, OSError) and error.errno == errno.ENOEXEC:
        problem = "it is not a program that this machine can run"
        hint = "give an executable that was built for this platform"
    elif isinstance(error, FileNotFoundError):
        problem = "the interpreter in its first line does not exist"
        hint = "install the installer again, with a Python that exists"
    else:
        problem, hint = f"it cannot be started: {error}", "try the same command by hand"
    return InstallerStartError(executable, problem, hint)


class KeptOutput:
    """The beginning and the end of a command's output, each up to half of ``limit`` bytes.

    ``size`` is the number of bytes that the command wrote, ``cut`` the number that were left out.
    """

    def __init__(self, limit: int) -> None:
        self._half = max(limit // 2, 1)
        self._head = bytearray()
        self._tail = bytearray()
        self.size = 0
        self.cut = 0

    def add(self, chunk: bytes) -> None:
        """Add the next piece of output."""
        self.size += len(chunk)
        room = self._half - len(self._head)
        self._head += chunk[:room] if room > 0 else b""
        self._tail += chunk[max(room, 0) :]
        excess = len(self._tail) - self._half
        if excess > 0:
            del self._tail[:excess]
            self.cut += excess

    def text(self) -> str:
        """Return the output that was kept; a line marks the place where bytes were left out."""
        gap = f"\n[{self.cut:,} bytes of output are left out here]\n".encode() if self.cut else b""
        return bytes(self._head + gap + self._tail).decode("utf-8", "replace")


def _read(pipe: IO[bytes] | None, output: KeptOutput, watch: StepWatch | None) -> None:
    if pipe is None:
        return
    with pipe:
        while chunk := pipe.read(_CHUNK_BYTES):
            output.add(chunk)
            if watch is not None and output.size > watch.limits.output:
                watch.reach(ReachedLimit.of_output(watch.limits.output))


def _join_reader(reader: threading.Thread, process: subprocess.Popen[bytes]) -> None:
    """Wait until the rest of the output has been read.

    If Ctrl-C came before the reader was started, close the pipe instead.
    """
    try:
        reader.join(_LAST_WORDS_SECONDS)
    except RuntimeError:
        if process.stdout is not None:
            process.stdout.close()


def _end_group(process: subprocess.Popen[bytes], waiter: threading.Thread) -> None:
    """End a process and all processes that it started, with SIGTERM and then with SIGKILL."""
    try:
        if waiter.is_alive():
            _signal_group(process, polite=True)
            waiter.join(GRACE_SECONDS)
    finally:  # a second Ctrl-C shortens the wait
        _signal_group(process, polite=False)
        process.wait()


def _signal_group(process: subprocess.Popen[bytes], *, polite: bool) -> None:
    if _ON_WINDOWS:
        _end_tree_on_windows(process, polite=polite)
        return
    # The group may be empty by now; macOS reports EPERM if only zombies are left.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGTERM if polite else signal.SIGKILL)


def _end_tree_on_windows(process: subprocess.Popen[bytes], *, polite: bool) -> None:
    force = [] if polite else ["/F"]
    subprocess.run(
        ["taskkill", "/T", *force, "/PID", str(process.pid)],  # noqa: S607
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
