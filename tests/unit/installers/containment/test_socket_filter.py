"""The filter of system calls, run by a small model of the kernel's interpreter."""

from __future__ import annotations

import errno
import struct

import pytest

from pytest_indexcache.installers.containment.socket_filter import has_socket_filter, socket_filter

X86_64, AARCH64, I386 = 0xC000003E, 0xC00000B7, 0x40000003
MACHINES = {"x86_64": X86_64, "aarch64": AARCH64}
NUMBERS = {
    "x86_64": {"socket": 41, "sendto": 44, "sendmsg": 46, "sendmmsg": 307, "socketpair": 53},
    "aarch64": {"socket": 198, "sendto": 206, "sendmsg": 211, "sendmmsg": 269, "socketpair": 199},
}
INET, INET6, UNIX, NETLINK, PACKET = 2, 10, 1, 16, 17
STREAM, DGRAM, RAW, CLOEXEC = 1, 2, 3, 0o2000000
TCP, UDP, MPTCP = 6, 17, 262
FAST_OPEN, NO_SIGNAL = 0x20000000, 0x4000


def _judge(
    program: bytes, number: int, architecture: int, arguments: tuple[int, ...]
) -> int | None:
    """Run a filter: return the errno of a refused call, None for one that is allowed."""
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
        ("socketpair", (UNIX, STREAM, 0), None),
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
    """A TCP socket is allowed; every other family, type and protocol is refused, and Fast Open."""
    number = NUMBERS[machine][call]
    assert _judge(socket_filter(machine), number, MACHINES[machine], arguments) == expected


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
    """io_uring, ptrace, kernel keys and the calls of other architectures are refused."""
    assert _judge(socket_filter("x86_64"), number, architecture, (INET, STREAM, 0)) == expected


def test_only_known_machines_have_a_filter() -> None:
    """A machine whose system calls have other numbers has no filter."""
    assert [
        name for name in ("x86_64", "aarch64", "riscv64", "i686") if has_socket_filter(name)
    ] == [
        "x86_64",
        "aarch64",
    ]
