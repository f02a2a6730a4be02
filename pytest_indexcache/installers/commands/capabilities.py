"""A capability of an installer, such as a verb or an option, and the releases that have it.

Each installer has one table of capabilities. It determines what each release can play, and
``docs/installers.md`` and the tests with real releases are based on it. Skip reasons use the names
in the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from packaging.version import Version


@dataclass(frozen=True, slots=True)
class Capability:
    """The releases that have a capability: ``since`` and all later ones.

    If ``since`` is None, no release has the capability. If ``gone`` is set, the capability is
    missing from that release on; ``back`` is the first release that has it again.
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
        """Return the first release after the given one that has the capability, or None."""
        if self.since is not None and release < Version(self.since):
            return self.since
        return self.back


Capabilities = Mapping[str, Capability]
"""The capabilities of an installer, keyed by the names that skip reasons use."""

NEVER: Final = Capability(None)
"""A capability that no release has."""


def since(release: str) -> Capability:
    """Return a capability that the given release and all later ones have."""
    return Capability(release)
