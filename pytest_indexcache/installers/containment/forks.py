"""Contain the forks of a Python that waits for requests.

Such a Python serves every play, so the limits of its forks differ: the Python is started within
the limits that all of them share (no network, no privileges, no signals to others), and each fork
puts itself under the Landlock ruleset of its workspace before it works. That takes a fraction of a
millisecond, far less than starting a Python for each play.
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
"""The containment of the waiting Python; its forks restrict their own file access further."""

FORK_PROGRAM: Final = Path(__file__).with_name("fork_program.py")
"""The program with which a fork contains itself; it runs in every Python from 3.6 on."""


def fork_limits(containment: Containment, abi: int) -> Any:
    """Return the argument of the program's function ``confine``, as a value for JSON."""
    return [ruleset_attributes(abi).hex(), list(_rules(containment, abi))]


def _rules(containment: Containment, abi: int) -> Iterator[tuple[str, int]]:
    for path, rights in granted_rights(containment, abi):
        yield str(path), rights
