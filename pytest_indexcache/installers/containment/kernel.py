"""Find out whether this machine's kernel supports containment."""

from __future__ import annotations

import errno
import functools
import platform
import sys
from dataclasses import dataclass

from pytest_indexcache.installers.containment.call_filter import has_call_filter
from pytest_indexcache.installers.containment.landlock import TCP_ABI, ask_landlock_abi
from pytest_indexcache.installers.containment.system_calls import has_filters


@dataclass(frozen=True, slots=True)
class KernelSupport:
    """The kernel's Landlock ABI version, and the reason if the kernel cannot contain processes."""

    landlock_abi: int = 0
    missing: str = ""

    @property
    def can_contain(self) -> bool:
        """Whether processes can be contained."""
        return not self.missing

    @property
    def words(self) -> str:
        """A short description of the support, such as ``contained: landlock 7 + seccomp``."""
        if self.missing:
            return f"not contained: {self.missing}"
        return f"contained: landlock {self.landlock_abi} + seccomp"


@functools.cache
def kernel_support() -> KernelSupport:
    """Find out whether, and how, this machine's kernel supports containment."""
    if not sys.platform.startswith("linux"):
        return KernelSupport(missing=f"{platform.system()} has no Landlock")
    try:
        abi = ask_landlock_abi()
    except OSError as error:
        return KernelSupport(missing=_why_no_landlock(error))
    return judge_support(abi, filters=has_filters(), machine=platform.machine())


def judge_support(abi: int, *, filters: bool, machine: str) -> KernelSupport:
    """Determine whether a kernel supports containment.

    ``abi`` is the version of the kernel's Landlock ABI, and ``filters`` is true if the kernel
    supports seccomp filters. ``machine`` is the value of ``platform.machine()``. Containment is not
    supported if the system call numbers of this machine are unknown.
    """
    if abi < TCP_ABI:
        missing = f"landlock {abi} of this kernel has no rules for TCP ports; {TCP_ABI} has"
    elif not filters:
        missing = "kernel without seccomp filters"
    elif not has_call_filter(machine):
        missing = f"the system calls of {machine} are not known"
    else:
        missing = ""
    return KernelSupport(abi, missing)


def _why_no_landlock(error: OSError) -> str:
    if error.errno == errno.ENOSYS:
        return "kernel without Landlock"
    if error.errno == errno.EOPNOTSUPP:
        return "Landlock is switched off at boot"
    return f"the kernel refuses Landlock ({error.strerror})"
