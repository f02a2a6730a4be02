"""Which walls a play is given."""

from __future__ import annotations

import pytest

from pytest_indexcache.errors import ContainmentError
from pytest_indexcache.installers.containment.kernel import KernelWalls
from pytest_indexcache.installers.containment.modes import (
    WITHOUT_WALLS,
    ContainmentMode,
    PlayWalls,
    play_walls,
)


@pytest.mark.parametrize(
    ("walls", "stand", "words"),
    [
        (WITHOUT_WALLS, False, ""),
        (PlayWalls(KernelWalls(7)), True, "contained: landlock 7 + seccomp"),
        (
            PlayWalls(KernelWalls(missing="kernel without Landlock")),
            False,
            "not contained: kernel without Landlock",
        ),
    ],
)
def test_walls_say_whether_they_stand(walls: PlayWalls, stand: bool, words: str) -> None:
    """A play says which walls stand, and nothing where none were asked for."""
    assert (walls.stand, walls.words) == (stand, words)
    walls.demand()


def test_missing_walls_that_are_required_are_an_error() -> None:
    """Where walls are required and missing, the reason and the way out are told."""
    walls = PlayWalls(KernelWalls(missing="kernel without Landlock"), are_required=True)
    with pytest.raises(ContainmentError, match="kernel without Landlock") as raised:
        walls.demand()
    assert "auto or off" in raised.value.hint


@pytest.mark.parametrize("mode", [ContainmentMode.AUTO, ContainmentMode.REQUIRE])
def test_an_embedded_installer_is_not_contained(mode: ContainmentMode) -> None:
    """An installer within this process has no walls, and is said to have none."""
    walls = play_walls(mode, is_embedded=True)
    assert walls.words == "not contained: the installer runs within this process"
    assert walls.are_required == (mode is ContainmentMode.REQUIRE)


def test_no_walls_stand_where_containment_is_off() -> None:
    """Where containment is off nobody is contained, whatever the kernel can do."""
    assert play_walls(ContainmentMode.OFF, is_embedded=False) == WITHOUT_WALLS
