"""An installer's releases that have a capability: a verb, an option, or a setting.

Each installer has one table of capabilities; their names are the words of skip reasons. From this
table, checks, skip reasons, the tables in ``docs/installers.md`` and the tests with real releases
are made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from packaging.version import Version


@dataclass(frozen=True, slots=True)
class Capability:
    """The releases that have a capability: all from ``since`` on, or no release if that is None.

    Releases from ``gone`` on, but before ``back``, do not have the capability.
    """

    since: str | None
    gone: str | None = None
    back: str | None = None

    def is_in(self, release: Version) -> bool:
        """Return whether a release has the capability."""
        if self.since is None or release < Version(self.since):
            return False
        if self.gone is None or release < Version(self.gone):
            return True
        return self.back is not None and release >= Version(self.back)

    def next_release(self, release: Version) -> str | None:
        """Return the first release after this one that has the capability, or None."""
        if self.since is not None and release < Version(self.since):
            return self.since
        return self.back


Capabilities = Mapping[str, Capability]
"""The capabilities of an installer, by the names that skip reasons use."""

NEVER: Final = Capability(None)
"""A capability that no release has."""


def since(release: str) -> Capability:
    """Return a capability that every release from this one on has."""
    return Capability(release)
