"""The containment of a play in each mode."""

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

LANDLOCK = KernelWalls(7)
NO_LANDLOCK = KernelWalls(missing="kernel without Landlock")


@pytest.mark.parametrize(
    ("walls", "stand", "words"),
    [
        (WITHOUT_WALLS, False, "not contained: containment is off"),
        (PlayWalls(LANDLOCK), True, "contained: landlock 7 + seccomp"),
        (PlayWalls(NO_LANDLOCK), False, "not contained: kernel without Landlock"),
        (
            PlayWalls(LANDLOCK, is_embedded=True),
            True,
            "contained: landlock 7 + seccomp, around what the installer starts",
        ),
        (PlayWalls(NO_LANDLOCK, is_embedded=True), False, "not contained: kernel without Landlock"),
    ],
)
def test_walls_say_whether_they_stand(walls: PlayWalls, stand: bool, words: str) -> None:
    """The report of a play says how and what it contains, or why it is not contained."""
    assert (walls.stand, walls.words) == (stand, words)
    walls.demand()


def test_missing_walls_that_are_required_are_an_error() -> None:
    """If containment is required but not possible, the error has the reason and a remedy."""
    walls = play_walls(ContainmentMode.REQUIRE, kernel=NO_LANDLOCK)
    with pytest.raises(ContainmentError, match="kernel without Landlock") as raised:
        walls.demand()
    assert "auto or off" in raised.value.hint


@pytest.mark.parametrize(
    ("mode", "kernel", "own_words", "is_refused"),
    [
        (ContainmentMode.AUTO, NO_LANDLOCK, "a command line of its own (step 1)", True),
        (ContainmentMode.AUTO, NO_LANDLOCK, "", False),
        (ContainmentMode.AUTO, LANDLOCK, "a command line of its own (step 1)", False),
        (ContainmentMode.OFF, NO_LANDLOCK, "a command line of its own (step 1)", False),
        (ContainmentMode.REQUIRE, LANDLOCK, "a command line of its own (step 1)", False),
    ],
)
def test_own_words_are_not_played_without_walls(
    mode: ContainmentMode, kernel: KernelWalls, own_words: str, is_refused: bool
) -> None:
    """In mode auto without containment, verbatim commands are refused, but data is accepted."""
    walls = play_walls(mode, kernel=kernel)
    if not is_refused:
        walls.demand(own_words)
        return
    with pytest.raises(ContainmentError) as raised:
        walls.demand(own_words)
    assert str(raised.value).startswith(
        "cannot contain the installer: kernel without Landlock; without containment it is not "
        "played, because it has a command line of its own (step 1)"
    )
    assert "--indexcache-trust FILE" in raised.value.hint


def test_no_walls_stand_where_containment_is_off() -> None:
    """With containment off, a play is not contained, whatever the kernel supports."""
    assert play_walls(ContainmentMode.OFF, kernel=LANDLOCK) == WITHOUT_WALLS
