"""Use ctypes to make system calls that Python's standard library does not offer."""

from __future__ import annotations

import ctypes
import errno
import functools
import os
from typing import Final

_SET_NO_NEW_PRIVS: Final = 38
_DROP_BOUND: Final = 24
_AMBIENT, _CLEAR_ALL = 47, 4
_OF_FILES: Final = (0, 1, 3, 4)  # CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID
_ADOPT_ORPHANS, _ADOPTS_ORPHANS = 36, 37  # PR_SET_CHILD_SUBREAPER, PR_GET_CHILD_SUBREAPER
_SET_SECCOMP: Final = 22
_GET_SECCOMP: Final = 21
_FILTER_MODE: Final = 2


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def call_system(number: int, *arguments: int | bytes | None) -> int:
    """Make a system call by its number; raise OSError if the kernel refuses it."""
    passed = (ctypes.c_long(value) if isinstance(value, int) else value for value in arguments)
    return _checked(_libc().syscall(ctypes.c_long(number), *passed))


def give_up_privileges() -> None:
    """Prevent this thread and its children from gaining rights through exec (``no_new_privs``).

    A program that root starts gets the capabilities of the bounding set. The capabilities for files
    stay in this set, because Landlock restricts their use. All others are dropped, because they
    could circumvent Landlock: ``CAP_PERFMON``, for example, allows reading the memory of every
    process.
    """
    _control(_SET_NO_NEW_PRIVS, 1)
    _control(_AMBIENT, _CLEAR_ALL)
    capability = 0
    while capability in _OF_FILES or _drop(capability):
        capability += 1


def _drop(capability: int) -> bool:
    """Drop a capability; return false if it is unknown to the kernel or cannot be dropped."""
    try:
        _control(_DROP_BOUND, capability)
    except OSError as error:
        # A user without CAP_SETPCAP is not root, so its children have no capabilities.
        if error.errno in (errno.EINVAL, errno.EPERM):
            return False
        raise
    return True


def set_filter(program: bytes) -> None:
    """Install a seccomp filter for this thread and its children; it cannot be removed.

    ``program`` is an array of ``struct sock_filter``, eight bytes for each instruction.
    """
    instructions = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog: a count, and the address of the array
    header = _FilterProgram(len(program) // 8, ctypes.addressof(instructions))
    _control(_SET_SECCOMP, _FILTER_MODE, ctypes.addressof(header))


def has_filters() -> bool:
    """Return whether the kernel supports seccomp filters, according to ``PR_GET_SECCOMP``."""
    try:
        _control(_GET_SECCOMP)
    except OSError:
        return False
    return True


def adopt_orphans(*, wanted: bool) -> None:
    """Adopt the orphaned descendants of this process or, if not ``wanted``, stop doing so."""
    _control(_ADOPT_ORPHANS, int(wanted))


def adopts_orphans() -> bool:
    """Return whether this process adopts its orphaned descendants."""
    answer = ctypes.c_int()
    _control(_ADOPTS_ORPHANS, ctypes.addressof(answer))
    return bool(answer.value)


class _FilterProgram(ctypes.Structure):
    _fields_ = (("count", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def _control(option: int, *arguments: int) -> int:
    passed = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]]
    return _checked(_libc().prctl(ctypes.c_int(option), *passed))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
