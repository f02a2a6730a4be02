"""The system call filter, run by a small model of the kernel's BPF interpreter."""

from __future__ import annotations

import errno
import struct

import pytest

from pytest_indexcache.installers.containment.call_filter import call_filter, has_call_filter

X86_64, AARCH64, I386 = 0xC000003E, 0xC00000B7, 0x40000003
MACHINES = {"x86_64": X86_64, "aarch64": AARCH64}
NUMBERS = {
    "x86_64": {
        "socket": 41,
        "sendto": 44,
        "sendmsg": 46,
        "sendmmsg": 307,
        "socketpair": 53,
        "listen": 50,
        "prlimit64": 302,
        "setpriority": 141,
        "ioprio_set": 251,
        "sched_setaffinity": 203,
        "sched_setattr": 314,
        "shmat": 30,
        "msgrcv": 70,
        "semop": 65,
        "mq_open": 240,
        "inotify_init1": 294,
        "fanotify_init": 300,
    },
    "aarch64": {
        "socket": 198,
        "sendto": 206,
        "sendmsg": 211,
        "sendmmsg": 269,
        "socketpair": 199,
        "listen": 201,
        "prlimit64": 261,
        "setpriority": 140,
        "ioprio_set": 30,
        "sched_setaffinity": 122,
        "sched_setattr": 274,
        "shmat": 196,
        "msgrcv": 188,
        "semop": 193,
        "mq_open": 180,
        "inotify_init1": 26,
        "fanotify_init": 262,
    },
}
INET, INET6, UNIX, NETLINK, PACKET = 2, 10, 1, 16, 17
STREAM, DGRAM, RAW, CLOEXEC = 1, 2, 3, 0o2000000
TCP, UDP, MPTCP = 6, 17, 262
FAST_OPEN, NO_SIGNAL = 0x20000000, 0x4000


def _judge(
    program: bytes, number: int, architecture: int, arguments: tuple[int, ...]
) -> int | None:
    """Run a filter; return the errno of a refused call, or None if the call is allowed."""
    data = struct.pack("=iIQ6Q", number, architecture, 0, *(*arguments, 0, 0, 0, 0, 0, 0)[:6])
    steps = list(struct.iter_unpack("=HBBI", program))
    accumulator = position = 0
    while True:
        code, yes, no, value = steps[position]
        position += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("=I", data, value)
        elif code == 0x54:
            accumulator &= value
        elif code == 0x15:
            position += yes if accumulator == value else no
        elif code == 0x45:
            position += yes if accumulator & value else no
        else:
            assert code == 0x06
            return None if value == 0x7FFF0000 else value & 0xFFFF


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("call", "arguments", "expected"),
    [
        ("socket", (INET, STREAM, 0), None),
        ("socket", (INET, STREAM | CLOEXEC, TCP), None),
        ("socket", (INET6, STREAM, TCP), None),
        ("socket", (INET, STREAM, MPTCP), errno.EACCES),
        ("socket", (INET, DGRAM, 0), errno.EACCES),
        ("socket", (INET6, DGRAM | CLOEXEC, UDP), errno.EACCES),
        ("socket", (INET, RAW, 1), errno.EACCES),
        ("socket", (UNIX, STREAM, 0), errno.EACCES),
        ("socket", (UNIX, DGRAM, 0), errno.EACCES),
        ("socket", (NETLINK, RAW, 0), errno.EACCES),
        ("socket", (PACKET, RAW, 0), errno.EACCES),
        ("socket", (INET | 1 << 32, STREAM, 0), None),
        ("socket", (UNIX | 1 << 32, STREAM, 0), errno.EACCES),
        ("socketpair", (UNIX, STREAM | CLOEXEC, 0), None),
        ("socketpair", (UNIX, DGRAM | CLOEXEC, 0), errno.EACCES),
        ("listen", (3, 10), errno.EACCES),
        ("sendto", (3, 0, 0, NO_SIGNAL), None),
        ("sendto", (3, 0, 0, NO_SIGNAL | FAST_OPEN), errno.EACCES),
        ("sendmsg", (3, 0, FAST_OPEN), errno.EACCES),
        ("sendmsg", (3, 0, 0), None),
        ("sendmmsg", (3, 0, 1, FAST_OPEN), errno.EACCES),
        ("sendmmsg", (3, FAST_OPEN, FAST_OPEN, 0), None),
    ],
)
def test_tcp_is_the_only_socket(
    machine: str, call: str, arguments: tuple[int, ...], expected: int | None
) -> None:
    """Only TCP sockets are allowed, and other families, types and protocols are refused."""
    number = NUMBERS[machine][call]
    assert _judge(call_filter(machine), number, MACHINES[machine], arguments) == expected


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("call", "arguments", "expected"),
    [
        ("prlimit64", (0, 7), None),
        ("prlimit64", (1234, 7), errno.EPERM),
        ("setpriority", (0, 0, 5), None),
        ("setpriority", (0, 1234, 5), errno.EPERM),
        ("setpriority", (2, 0, 5), errno.EPERM),
        ("ioprio_set", (1, 0, 5), None),
        ("ioprio_set", (3, 0, 5), errno.EPERM),
        ("sched_setaffinity", (0, 8), None),
        ("sched_setaffinity", (1234, 8), errno.EPERM),
        ("sched_setattr", (1234,), errno.EPERM),
        ("shmat", (5,), errno.EPERM),
        ("msgrcv", (5,), errno.EPERM),
        ("semop", (5,), errno.EPERM),
        ("mq_open", (1,), errno.EPERM),
        ("inotify_init1", (0,), errno.EPERM),
        ("fanotify_init", (0,), errno.EPERM),
    ],
)
def test_other_processes_are_left_alone(
    machine: str, call: str, arguments: tuple[int, ...], expected: int | None
) -> None:
    """A contained process cannot change the limits of others or share memory with them."""
    number = NUMBERS[machine][call]
    assert _judge(call_filter(machine), number, MACHINES[machine], arguments) == expected


@pytest.mark.parametrize(
    ("number", "architecture", "expected"),
    [
        (0, X86_64, None),
        (425, X86_64, errno.ENOSYS),
        (101, X86_64, errno.EPERM),
        (250, X86_64, errno.EPERM),
        (41, I386, errno.EPERM),
        (0, I386, errno.EPERM),
        (0x40000000 | 41, X86_64, errno.EPERM),
        (0x40000000 | 1, X86_64, errno.EPERM),
    ],
)
def test_ways_around_the_filter_are_closed(
    number: int, architecture: int, expected: int | None
) -> None:
    """io_uring, ptrace, kernel keys, and system calls of other architectures are refused."""
    assert _judge(call_filter("x86_64"), number, architecture, (INET, STREAM, 0)) == expected


def test_only_known_machines_have_a_filter() -> None:
    """A machine type with unknown system call numbers has no filter."""
    assert [name for name in ("x86_64", "aarch64", "riscv64", "i686") if has_call_filter(name)] == [
        "x86_64",
        "aarch64",
    ]
