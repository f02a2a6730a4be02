"""Attacks on other processes, and attempts of a contained program to gain privileges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from pytest_indexcache.installers.containment.containment import system_containment

from .contained_commands import (
    SECRET,
    SUPPORT,
    Grounds,
    needs_containment,
    python_command,
    shell_command,
)
from .grounds import traceable_process, tracing_is_forbidden

pytestmark = needs_containment


@pytest.fixture
def victim() -> Iterator[int]:
    """Start a process outside the play that this user may trace, and yield its process id."""
    with traceable_process() as number:
        yield number


def _library_call(call: str) -> str:
    return f"import ctypes; sys.exit(ctypes.CDLL(None, use_errno=True).{call} < 0)"


READS_MEMORY = """
import ctypes
class Part(ctypes.Structure):
    _fields_ = [("start", ctypes.c_void_p), ("size", ctypes.c_size_t)]
read = ctypes.create_string_buffer(8)
start = int(open(f"/proc/{PID}/stat").read().split()[25])
here, there = Part(ctypes.addressof(read), 8), Part(start, 8)
done = ctypes.CDLL(None).process_vm_readv(PID, ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
sys.exit(done != 8)
"""

PROCESS_ATTACKS: Final = {
    "signal-python": "os.kill(PID, 0)",
    "signal-descriptor": "import signal; signal.pidfd_send_signal(os.pidfd_open(PID), 0)",
    "environment": "open(f'/proc/{PID}/environ').read(1) or sys.exit(1)",
    "memory-map": "open(f'/proc/{PID}/maps').read(1) or sys.exit(1)",
    "memory": "open(f'/proc/{PID}/mem', 'rb')",
    "memory-call": READS_MEMORY,
    "open-files": "os.readlink(f'/proc/{PID}/fd/0')",
    "root": "os.listdir(f'/proc/{PID}/root/')",
    "name": "open(f'/proc/{PID}/comm', 'w').write('x')",
    "out-of-memory": "open(f'/proc/{PID}/oom_score_adj', 'w').write('1000')",
    "attach": _library_call("ptrace(16, PID, 0, 0)"),
    "limit": "import resource; resource.prlimit(PID, resource.RLIMIT_CORE, (0, 0))",
    "priority": "os.setpriority(os.PRIO_PROCESS, PID, 5)",
    "processors": "os.sched_setaffinity(PID, os.sched_getaffinity(PID))",
    "scheduler": "os.sched_setscheduler(PID, os.SCHED_BATCH, os.sched_param(0))",
    "shared-memory": _library_call("shmget(0x1DCAC4E, 4096, 0o1600)"),
    "semaphores": _library_call("semget(0x1DCAC4E, 1, 0o1600)"),
    "messages": _library_call("msgget(0x1DCAC4E, 0o1600)"),
    "watch": _library_call("inotify_add_watch(ctypes.CDLL(None).inotify_init(), b'..', 0xFFF)"),
}
"""Attacks on the process PID, and ways to communicate with other processes."""

REMOVE_LEFT_OVERS = """
import ctypes
libc = ctypes.CDLL(None)
libc.shmctl(libc.shmget(0x1DCAC4E, 4096, 0o600), 0, None)
libc.semctl(libc.semget(0x1DCAC4E, 1, 0o600), 0, 0)
libc.msgctl(libc.msgget(0x1DCAC4E, 0o600), 0, None)
"""


def _process_attack(attack: str, victim: int) -> tuple[str, ...]:
    return python_command(f"PID = {victim}\n{PROCESS_ATTACKS[attack]}")


@pytest.mark.parametrize("attack", PROCESS_ATTACKS)
def test_other_processes_are_out_of_reach(attack: str, victim: int, grounds: Grounds) -> None:
    """A contained process can neither signal, change nor trace a process outside the play."""
    if attack.startswith("signal") and SUPPORT.landlock_abi < 6:
        pytest.skip(f"landlock {SUPPORT.landlock_abi} does not know signals; 6 does")
    containment = system_containment(grounds.workspace)
    done = grounds.run(*_process_attack(attack, victim), containment=containment)
    assert done.returncode != 0, done.stdout


@pytest.mark.parametrize("attack", PROCESS_ATTACKS)
def test_attacks_on_processes_succeed_without_containment(
    attack: str, victim: int, grounds: Grounds
) -> None:
    """Each attack on a process succeeds without containment, so containment causes the refusal."""
    if attack in ("attach", "memory", "memory-call") and tracing_is_forbidden():
        pytest.skip("Yama of this kernel forbids it to everybody")
    done = grounds.run(*_process_attack(attack, victim))
    assert done.returncode == 0, done.stdout
    grounds.run(*python_command(REMOVE_LEFT_OVERS))


def test_limits_and_priority_of_its_own_can_be_changed(grounds: Grounds) -> None:
    """A contained process can lower its own limits, priority and set of processors."""
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); os.nice(1); "
        "resource.prlimit(0, resource.RLIMIT_CORE); os.setpriority(os.PRIO_PROCESS, 0, 3); "
        "os.sched_setaffinity(0, os.sched_getaffinity(0))"
    )
    done = grounds.run(*python_command(code), containment=system_containment(grounds.workspace))
    assert done.returncode == 0, done.stdout


def test_shell_signals_its_own_children_alone(victim: int, grounds: Grounds) -> None:
    """A contained shell can end its own child processes, and no other processes."""
    if SUPPORT.landlock_abi < 6:
        pytest.skip(f"landlock {SUPPORT.landlock_abi} does not know signals; 6 does")
    containment = system_containment(grounds.workspace)
    assert (
        grounds.run(*shell_command("sleep 60 & kill $!"), containment=containment).returncode == 0
    )
    assert grounds.run(*shell_command(f"kill -0 {victim}")).returncode == 0
    assert grounds.run(*shell_command(f"kill -0 {victim}"), containment=containment).returncode != 0


def test_children_inherit_the_containment(grounds: Grounds) -> None:
    """The child of a contained process is contained, even in its own session."""
    containment = system_containment(grounds.workspace)
    attack = shell_command("setsid sh -c 'sh -c \"cat ../home/secret\"'")
    assert SECRET in grounds.run(*attack).stdout
    done = grounds.run(*attack, containment=containment)
    assert (done.returncode != 0, SECRET in done.stdout) == (True, False)


def test_rights_are_not_gained_by_a_program(grounds: Grounds) -> None:
    """A contained process has no_new_privs, so set-user-ID programs give it no privileges."""
    done = grounds.run(
        *shell_command("grep NoNewPrivs /proc/self/status"),
        containment=system_containment(grounds.workspace),
    )
    assert done.stdout.split() == ["NoNewPrivs:", "1"]


def test_root_keeps_no_capability_but_those_of_files(grounds: Grounds) -> None:
    """A contained program that root runs keeps only the capabilities that concern files."""
    done = grounds.run(
        *shell_command("grep CapEff /proc/self/status"),
        containment=system_containment(grounds.workspace),
    )
    assert int(done.stdout.split()[1], 16) & ~0b11011 == 0
