"""Containing the forks of a Python that waits for requests.

Such a Python serves every play, so the walls around its forks differ: it is itself started behind
the walls that all of them share (no network, no privileges, no signals to others), and each fork
puts itself under the Landlock ruleset of its workspace before it works. That takes a fraction of
a millisecond, where a Python of its own takes as long as it takes to start.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pytest_indexcache.installers.containment.containment import SYSTEM_DEVICES, Containment
from pytest_indexcache.installers.containment.landlock import granted_rights, ruleset_attributes

SHARED: Final = Containment(
    executable=(Path("/"),),
    writable=(Path("/"),),
    devices=SYSTEM_DEVICES,
)
"""The walls around the Python that waits: its forks narrow what they may do with files."""

FORK_CODE: Final = """\
import os, signal, struct
try:
    import ctypes
    _call = ctypes.CDLL(None, use_errno=True).syscall
    # PR_SET_CHILD_SUBREAPER: what a fork leaves behind becomes a child of this process.
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
except (ImportError, OSError):
    _call = None
_children = f"/proc/self/task/{os.getpid()}/children"

def _system(*arguments):
    passed = [ctypes.c_long(it) if isinstance(it, int) else it for it in arguments]
    result = _call(*passed)
    if result < 0:
        raise OSError(ctypes.get_errno(), "Landlock refuses")
    return result

def confine(limits):
    if _call is None:
        return False
    attributes, rules = bytes.fromhex(limits[0]), limits[1]
    ruleset = _system(444, attributes, len(attributes), 0)
    for path, rights in rules:
        try:
            opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        _system(445, ruleset, 1, struct.pack("=Qi", rights, opened), 0)
        os.close(opened)
    _system(446, ruleset, 0)
    os.close(ruleset)
    return True

def sweep():
    while True:
        with open(_children) as file:
            left = file.read().split()
        if not left:
            return
        for number in left:
            os.kill(int(number), signal.SIGKILL)
        for number in left:
            os.waitpid(int(number), 0)
"""
"""Defines how a fork contains itself; runs in every Python from 3.6 on."""


def fork_limits(containment: Containment, abi: int) -> Any:
    """Return what ``confine`` of the code takes, as JSON can hold it."""
    return [ruleset_attributes(abi).hex(), list(_rules(containment, abi))]


def _rules(containment: Containment, abi: int) -> Iterator[tuple[str, int]]:
    for path, rights in granted_rights(containment, abi):
        yield str(path), rights
