"""The releases of an installer that have a capability: a verb, an option, or a setting.

Each installer has one table of them, by the words that name them in reasons. Checks, reasons of
skips, the tables of ``docs/installers.md`` and the tests with real releases are made from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from packaging.version import Version


@dataclass(frozen=True, slots=True)
class Capability:
    """The releases that have a capability: from ``since`` on; none if that is None.

    Those from ``gone`` on and before ``back`` do not have it.
    """

    since: str | None
    gone: str | None = None
    back: str | None = None

    def is_in(self, release: Version) -> bool:
        """Return whether a release has it."""
        if self.since is None or release < Version(self.since):
            return False
        if self.gone is None or release < Version(self.gone):
            return True
        return self.back is not None and release >= Version(self.back)

    def next_release(self, release: Version) -> str | None:
        """Return the first release after this one that has it, None if there is none."""
        if self.since is not None and release < Version(self.since):
            return self.since
        return self.back


Capabilities = Mapping[str, Capability]
"""The capabilities of an installer, by the words that name them in reasons."""

NEVER: Final = Capability(None)
"""A capability that no release has."""


def since(release: str) -> Capability:
    """Return a capability that every release from this one on has."""
    return Capability(release)
