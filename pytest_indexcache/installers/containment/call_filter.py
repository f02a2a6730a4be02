"""A seccomp filter that refuses the system calls by which a process could circumvent Landlock.

The only network access that Landlock restricts is TCP, by port number. The filter therefore refuses
all other sockets: UDP (and with it DNS), Unix, netlink, packet and raw sockets. It also refuses the
kinds of TCP that Landlock does not check: MPTCP, connections opened by ``sendto`` (TCP Fast Open),
and sockets that listen without being bound to a port. It refuses io_uring, because filters cannot
see its operations. A pair of connected Unix sockets (``socketpair``) cannot reach other processes
and remains allowed, except for datagram sockets, which can send to any address.

Landlock does not prevent a process from changing the limits or the priority of another process of
the same user, from sending it System V or POSIX messages, or from watching a folder that it cannot
read. With the filter, a contained process can change only its own limits and priority, and can
neither send such messages nor watch folders.

A network namespace would have one advantage: it would also prevent connections to the gateway's
port number on other hosts. It is not used, for two reasons. It needs a user namespace, which
some systems forbid to ordinary users. And it has a loopback interface of its own, so a relay to the
gateway would be needed.
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

_INET, _INET6, _STREAM, _DATAGRAM, _TYPE_MASK, _TCP = 2, 10, 1, 2, 0xF, 6
_PROCESS, _IO_PROCESS = 0, 1  # PRIO_PROCESS and IOPRIO_WHO_PROCESS
_FAST_OPEN: Final = 0x20000000
_X32_BIT: Final = 0x40000000


@dataclass(frozen=True, slots=True)
class _Calls:
    """The audit number (``AUDIT_ARCH_...``) of an architecture, and its system call numbers.

    The first argument of the calls in ``own`` is a process id; only 0, which means the caller, is
    allowed. ``refused`` contains the calls for ptrace, the kernel's keyrings, System V and POSIX
    messages, semaphores and shared memory, watches on folders, and files in memory (memfd), which
    the limit on disk space would not count.
    """

    architecture: int
    socket: int
    socketpair: int
    listen: int
    sendto: int
    sendmsg: int
    sendmmsg: int
    setpriority: int
    ioprio_set: int
    own: tuple[int, ...]
    refused: tuple[int, ...]
    io_uring_setup: int = 425


_CALLS: Final = {
    "x86_64": _Calls(
        *(0xC000003E, 41, 53, 50, 44, 46, 307, 141, 251),
        # sched_setparam, sched_setscheduler, sched_setaffinity, prlimit64, sched_setattr
        own=(142, 144, 203, 302, 314),
        refused=(
            *(101, 248, 249, 250),  # ptrace, add_key, request_key, keyctl
            *(29, 30, 31, 64, 65, 66, 68, 69, 70, 71, 220, 240, 241),  # shmget to mq_unlink
            *(253, 294, 300),  # inotify_init, inotify_init1, fanotify_init
            *(319, 447),  # memfd_create, memfd_secret
        ),
    ),
    "aarch64": _Calls(
        *(0xC00000B7, 198, 199, 201, 206, 211, 269, 140, 30),
        own=(118, 119, 122, 261, 274),
        refused=(
            *(117, 217, 218, 219),
            *(194, 196, 195, 190, 193, 191, 186, 189, 188, 187, 192, 180, 181),
            *(26, 262),  # there is no inotify_init
            *(279, 447),
        ),
    ),
}


def has_call_filter(machine: str) -> bool:
    """Return whether the system call numbers are known for a machine (``platform.machine()``)."""
    return machine in _CALLS


def call_filter(machine: str) -> bytes:
    """Return the filter program for a machine; :func:`has_call_filter` must be true for it."""
    calls = _CALLS[machine]
    return b"".join(
        (
            # Call numbers of another architecture (32-bit programs, x32) would evade the filter.
            _load(_ARCHITECTURE),
            _jump(_JUMP_EQUAL, calls.architecture, no=0, yes=1),
            _refuse(errno.EPERM),
            _load(_NUMBER),
            _jump(_JUMP_ANY_BIT, _X32_BIT, yes=0, no=1),
            _refuse(errno.EPERM),
            _when(calls.socket, _only_tcp()),
            _when(calls.socketpair, _without_datagrams()),
            _when(calls.listen, _refuse(errno.EACCES)),
            _when(calls.sendto, _without_fast_open(3)),
            _when(calls.sendmsg, _without_fast_open(2)),
            _when(calls.sendmmsg, _without_fast_open(3)),
            _when(calls.setpriority, _only_when(_PROCESS, 0)),
            _when(calls.ioprio_set, _only_when(_IO_PROCESS, 0)),
            *(_when(number, _only_when(0)) for number in calls.own),
            *(_when(number, _refuse(errno.EPERM)) for number in calls.refused),
            _when(calls.io_uring_setup, _refuse(errno.ENOSYS)),
            _allow(),
        )
    )


def _only_tcp() -> bytes:
    """Return BPF instructions that refuse all sockets except TCP sockets for IPv4 and IPv6."""
    return b"".join(
        (
            _load(_ARGUMENTS),
            _jump(_JUMP_EQUAL, _INET, yes=2, no=0),
            _jump(_JUMP_EQUAL, _INET6, yes=1, no=0),
            _refuse(errno.EACCES),
            _load(_ARGUMENTS + 8),
            _step(_AND, _TYPE_MASK),  # the other bits are flags
            _jump(_JUMP_EQUAL, _STREAM, yes=1, no=0),
            _refuse(errno.EACCES),
            _load(_ARGUMENTS + 16),
            _jump(_JUMP_EQUAL, 0, yes=2, no=0),
            _jump(_JUMP_EQUAL, _TCP, yes=1, no=0),
            _refuse(errno.EACCES),
            _allow(),
        )
    )


def _without_datagrams() -> bytes:
    """Return BPF instructions that refuse ``socketpair`` for datagram sockets."""
    return b"".join(
        (
            _load(_ARGUMENTS + 8),
            _step(_AND, _TYPE_MASK),
            _jump(_JUMP_EQUAL, _DATAGRAM, yes=0, no=1),
            _refuse(errno.EACCES),
            _allow(),
        )
    )


def _only_when(*arguments: int) -> bytes:
    """Return BPF instructions that refuse a call unless its first arguments have these values."""
    return (
        b"".join(
            _load(_ARGUMENTS + 8 * position)
            + _jump(_JUMP_EQUAL, argument, yes=1, no=0)
            + _refuse(errno.EPERM)
            for position, argument in enumerate(arguments)
        )
        + _allow()
    )


def _without_fast_open(position: int) -> bytes:
    flags = _load(_ARGUMENTS + 8 * position)
    tested = _jump(_JUMP_ANY_BIT, _FAST_OPEN, yes=0, no=1)
    return b"".join((flags, tested, _refuse(errno.EACCES), _allow()))


def _when(number: int, then: bytes) -> bytes:
    return _jump(_JUMP_EQUAL, number, yes=0, no=len(then) // 8) + then


def _load(offset: int) -> bytes:
    """Return the BPF instruction that loads 32 bits from an offset in ``struct seccomp_data``.

    Of a 64-bit argument, these are the low 32 bits (little-endian).
    """
    return _step(_LOAD, offset)


def _allow() -> bytes:
    return _step(_RETURN, _ALLOW)


def _refuse(error: int) -> bytes:
    return _step(_RETURN, _REFUSE | error)


def _step(code: int, value: int) -> bytes:
    return struct.pack("=HBBI", code, 0, 0, value)


def _jump(code: int, value: int, *, yes: int, no: int) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)
