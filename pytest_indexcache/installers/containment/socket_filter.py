"""A seccomp filter that leaves TCP alone of all sockets.

Landlock restricts TCP by its ports and knows no other protocol: the filter closes UDP (and with it
DNS), Unix, netlink, packet and raw sockets, and the ways past Landlock's view of TCP: MPTCP,
connections that ``sendto`` opens (TCP Fast Open), and io_uring, whose operations no filter sees.
A pair of connected Unix sockets (``socketpair``) reaches nobody else and stays allowed.

A network namespace beside it would close one thing more, the gateway's port on other hosts. It
would need a user namespace, which systems may forbid to ordinary users, and a relay into it, as its
loopback is not that of the gateway. So there is none.
"""

from __future__ import annotations

import errno
import struct
from dataclasses import dataclass
from typing import Final

_LOAD: Final = 0x20  # BPF_LD | BPF_W | BPF_ABS
_AND: Final = 0x54  # BPF_ALU | BPF_AND | BPF_K
_JUMP_EQUAL: Final = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_JUMP_ANY_BIT: Final = 0x45  # BPF_JMP | BPF_JSET | BPF_K
_RETURN: Final = 0x06  # BPF_RET | BPF_K

_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050000

_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data

_INET, _INET6, _STREAM, _TYPE_MASK, _TCP = 2, 10, 1, 0xF, 6
_FAST_OPEN: Final = 0x20000000
_X32_BIT: Final = 0x40000000


@dataclass(frozen=True, slots=True)
class _Calls:
    """The numbers of an architecture: its own, and those of its system calls."""

    architecture: int
    socket: int
    sendto: int
    sendmsg: int
    sendmmsg: int
    ptrace: int
    keys: tuple[int, int, int]
    io_uring_setup: int = 425


_CALLS: Final = {
    "x86_64": _Calls(0xC000003E, 41, 44, 46, 307, 101, (248, 249, 250)),
    "aarch64": _Calls(0xC00000B7, 198, 206, 211, 269, 117, (217, 218, 219)),
}


def has_socket_filter(machine: str) -> bool:
    """Whether the system calls of a machine, by ``platform.machine()``, are known."""
    return machine in _CALLS


def socket_filter(machine: str) -> bytes:
    """Return the program of the filter, for a machine of :func:`has_socket_filter`."""
    calls = _CALLS[machine]
    return b"".join(
        (
            # Another architecture's numbers (32 bit programs, x32) would pass the filter by.
            _load(_ARCHITECTURE),
            _jump(_JUMP_EQUAL, calls.architecture, no=0, yes=1),
            _refuse(errno.EPERM),
            _load(_NUMBER),
            _jump(_JUMP_ANY_BIT, _X32_BIT, yes=0, no=1),
            _refuse(errno.EPERM),
            _when(calls.socket, _only_tcp()),
            _when(calls.sendto, _without_fast_open(3)),
            _when(calls.sendmsg, _without_fast_open(2)),
            _when(calls.sendmmsg, _without_fast_open(3)),
            _when(calls.ptrace, _refuse(errno.EPERM)),
            *(_when(number, _refuse(errno.EPERM)) for number in calls.keys),
            _when(calls.io_uring_setup, _refuse(errno.ENOSYS)),
            _allow(),
        )
    )


def _only_tcp() -> bytes:
    """Refuse all but ``socket(AF_INET or AF_INET6, SOCK_STREAM, 0 or IPPROTO_TCP)``."""
    return b"".join(
        (
            _load(_ARGUMENTS),
            _jump(_JUMP_EQUAL, _INET, yes=2, no=0),
            _jump(_JUMP_EQUAL, _INET6, yes=1, no=0),
            _refuse(errno.EACCES),
            _load(_ARGUMENTS + 8),
            _step(_AND, _TYPE_MASK),  # the rest are flags
            _jump(_JUMP_EQUAL, _STREAM, yes=1, no=0),
            _refuse(errno.EACCES),
            _load(_ARGUMENTS + 16),
            _jump(_JUMP_EQUAL, 0, yes=2, no=0),
            _jump(_JUMP_EQUAL, _TCP, yes=1, no=0),
            _refuse(errno.EACCES),
            _allow(),
        )
    )


def _without_fast_open(position: int) -> bytes:
    flags = _load(_ARGUMENTS + 8 * position)
    tested = _jump(_JUMP_ANY_BIT, _FAST_OPEN, yes=0, no=1)
    return b"".join((flags, tested, _refuse(errno.EACCES), _allow()))


def _when(number: int, then: bytes) -> bytes:
    return _jump(_JUMP_EQUAL, number, yes=0, no=len(then) // 8) + then


def _load(offset: int) -> bytes:
    """Load the low 32 bits, at which the kernel looks, too: both machines are little-endian."""
    return _step(_LOAD, offset)


def _allow() -> bytes:
    return _step(_RETURN, _ALLOW)


def _refuse(error: int) -> bytes:
    return _step(_RETURN, _REFUSE | error)


def _step(code: int, value: int) -> bytes:
    return struct.pack("=HBBI", code, 0, 0, value)


def _jump(code: int, value: int, *, yes: int, no: int) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)
