"""The requested mode of containment, and the walls that a play gets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pytest_indexcache.errors import ContainmentError
from pytest_indexcache.installers.containment.kernel import KernelWalls, kernel_walls


class ContainmentMode(StrEnum):
    """The requested mode of containment.

    ``auto``: walls if the kernel has them, otherwise only scenarios without verbatim commands;
    ``require``: walls or an error; ``off``: no walls.
    """

    AUTO = "auto"
    REQUIRE = "require"
    OFF = "off"


MODES: Final = tuple(str(mode) for mode in ContainmentMode)


_TRUST: Final = (
    "read the file, and if you trust it play it with --indexcache-trust FILE (pytest) or --trust "
    "(indexcache); or play it on Linux with Landlock"
)


@dataclass(frozen=True, slots=True)
class PlayWalls:
    """The walls of a play, and the rules for a play without them.

    ``are_asked_for`` is false if containment is off. ``is_embedded`` says that the installer runs
    in this process: only the processes that it starts are then contained.
    """

    kernel: KernelWalls
    are_required: bool = False
    are_asked_for: bool = True
    is_embedded: bool = False

    @property
    def stand(self) -> bool:
        """Whether the processes of the play are contained."""
        return self.kernel.can_contain

    @property
    def words(self) -> str:
        """The containment in force, and the processes that it covers."""
        if self.stand and self.is_embedded:
            return f"{self.kernel.words}, around what the installer starts"
        return self.kernel.words

    def demand(self, own_words: str = "") -> None:
        """Raise :class:`ContainmentError` if the play must not continue without walls.

        ``own_words`` names the verbatim commands or files of the scenario; it is empty for a
        scenario without any, or one that is trusted.
        """
        if self.stand or not self.are_asked_for:
            return
        if self.are_required:
            hint = "play with containment auto or off, if you trust the scenario"
            raise ContainmentError("contain the installer", self.kernel.missing, hint)
        if own_words:
            reason = f"{self.kernel.missing}; without containment it is not played, because it has "
            raise ContainmentError("contain the installer", reason + own_words, _TRUST)


WITHOUT_WALLS: Final = PlayWalls(KernelWalls(missing="containment is off"), are_asked_for=False)


def play_walls(
    mode: ContainmentMode, *, is_embedded: bool = False, kernel: KernelWalls | None = None
) -> PlayWalls:
    """Return the walls of a play.

    ``is_embedded`` says that the installer runs in this process. ``kernel`` describes the walls
    that a kernel offers; by default, this machine's kernel is asked.
    """
    if mode is ContainmentMode.OFF:
        return WITHOUT_WALLS
    return PlayWalls(
        kernel or kernel_walls(),
        are_required=mode is ContainmentMode.REQUIRE,
        is_embedded=is_embedded,
    )
