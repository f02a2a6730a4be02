"""The containment of a Python that waits for requests, and of the forks that handle them.

One such Python serves all plays, although each play has its own workspace. The Python is therefore
started with the restrictions that all plays share: no network, no privileges, no signals to other
processes. Before a fork does any work, it restricts itself further, to the workspace of its play,
with a Landlock ruleset. That takes a fraction of a millisecond, far less than starting a Python for
each play.
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
"""The containment of the waiting Python; each fork restricts its own file access further."""

FORK_PROGRAM: Final = Path(__file__).with_name("fork_program.py")
"""The program that restricts a fork; it runs on Python 3.6 and later."""


def fork_limits(containment: Containment, abi: int) -> Any:
    """Return the argument for ``confine`` in the fork program, as a JSON value."""
    return [ruleset_attributes(abi).hex(), list(_rules(containment, abi))]


def _rules(containment: Containment, abi: int) -> Iterator[tuple[str, int]]:
    for path, rights in granted_rights(containment, abi):
        yield str(path), rights
