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

FORK_PROGRAM: Final = Path(__file__).with_name("fork_program.py")
"""Defines how a fork contains itself; runs in every Python from 3.6 on."""


def fork_limits(containment: Containment, abi: int) -> Any:
    """Return what ``confine`` of the program takes, as JSON can hold it."""
    return [ruleset_attributes(abi).hex(), list(_rules(containment, abi))]


def _rules(containment: Containment, abi: int) -> Iterator[tuple[str, int]]:
    for path, rights in granted_rights(containment, abi):
        yield str(path), rights
