"""Which walls a play is given, by what was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pytest_indexcache.errors import ContainmentError
from pytest_indexcache.installers.containment.kernel import KernelWalls, kernel_walls


class ContainmentMode(StrEnum):
    """What is asked for: walls where the kernel has them, walls or an error, or no walls."""

    AUTO = "auto"
    REQUIRE = "require"
    OFF = "off"


MODES: Final = tuple(str(mode) for mode in ContainmentMode)


@dataclass(frozen=True, slots=True)
class PlayWalls:
    """The walls of a play, and whether it may be played without any.

    ``are_asked_for`` is false where containment is off.
    """

    kernel: KernelWalls
    are_required: bool = False
    are_asked_for: bool = True

    @property
    def stand(self) -> bool:
        """Whether the processes of the play are contained."""
        return self.kernel.can_contain

    @property
    def words(self) -> str:
        """Say which containment is in force; nothing where none was asked for."""
        return self.kernel.words if self.are_asked_for else ""

    def demand(self) -> None:
        """Raise :class:`ContainmentError` where walls are required and do not stand."""
        if self.are_required and not self.stand:
            hint = "play with containment auto or off, if you trust the scenario"
            raise ContainmentError("contain the installer", self.kernel.missing, hint)


WITHOUT_WALLS: Final = PlayWalls(KernelWalls(missing="containment is off"), are_asked_for=False)


def play_walls(mode: ContainmentMode, *, is_embedded: bool) -> PlayWalls:
    """Return the walls of a play; ``is_embedded`` says that the installer runs in this process."""
    if mode is ContainmentMode.OFF:
        return WITHOUT_WALLS
    embedded = KernelWalls(missing="the installer runs within this process")
    kernel = embedded if is_embedded else kernel_walls()
    return PlayWalls(kernel, are_required=mode is ContainmentMode.REQUIRE)
