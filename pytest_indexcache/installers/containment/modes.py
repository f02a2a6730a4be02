"""The containment mode that a user requests, and the resulting containment of a play."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pytest_indexcache.errors import ContainmentError
from pytest_indexcache.installers.containment.kernel import KernelSupport, kernel_support


class ContainmentMode(StrEnum):
    """The containment that the user requests.

    With ``auto``, plays are contained if the kernel supports it; if not, a scenario is played only
    if it is trusted, or has no verbatim commands or files. With ``require``, a play that cannot be
    contained is an error. With ``off``, plays are not contained.
    """

    AUTO = "auto"
    REQUIRE = "require"
    OFF = "off"


MODES: Final = tuple(str(mode) for mode in ContainmentMode)


_TRUST: Final = (
    "read the file, and if you trust it, play it with --indexcache-trust FILE (pytest) or --trust "
    "(indexcache); or play it on Linux with Landlock"
)


@dataclass(frozen=True, slots=True)
class PlayContainment:
    """Whether a play is contained and, if not, whether it may continue.

    ``are_asked_for`` is false if the user turned containment off. With ``is_embedded``, the
    installer runs in this process, and only the processes that it starts are contained.
    """

    kernel: KernelSupport
    are_required: bool = False
    are_asked_for: bool = True
    is_embedded: bool = False

    @property
    def is_active(self) -> bool:
        """Whether the processes of the play are contained."""
        return self.kernel.can_contain

    @property
    def words(self) -> str:
        """A short description of the play's containment, for messages and reports."""
        if self.is_active and self.is_embedded:
            return f"{self.kernel.words}, around what the installer starts"
        return self.kernel.words

    def demand(self, own_words: str = "") -> None:
        """Raise :class:`ContainmentError` if the play is not contained, but must be.

        ``own_words`` names the scenario's verbatim commands or files; it is empty if the scenario
        has none or is trusted.
        """
        if self.is_active or not self.are_asked_for:
            return
        if self.are_required:
            hint = "play with containment auto or off, if you trust the scenario"
            raise ContainmentError("contain the installer", self.kernel.missing, hint)
        if own_words:
            reason = f"{self.kernel.missing}; without containment it is not played, because it has "
            raise ContainmentError("contain the installer", reason + own_words, _TRUST)


WITHOUT_CONTAINMENT: Final = PlayContainment(
    KernelSupport(missing="containment is off"), are_asked_for=False
)


def play_containment(
    mode: ContainmentMode, *, is_embedded: bool = False, kernel: KernelSupport | None = None
) -> PlayContainment:
    """Return the containment of a play.

    ``is_embedded`` is true if the installer runs in this process. ``kernel`` describes the kernel's
    support; by default, it is the support of this machine's kernel.
    """
    if mode is ContainmentMode.OFF:
        return WITHOUT_CONTAINMENT
    return PlayContainment(
        kernel or kernel_support(),
        are_required=mode is ContainmentMode.REQUIRE,
        is_embedded=is_embedded,
    )
