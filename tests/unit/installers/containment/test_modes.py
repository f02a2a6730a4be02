"""The containment of a play in each mode."""

from __future__ import annotations

import pytest

from pytest_indexcache.errors import ContainmentError
from pytest_indexcache.installers.containment.kernel import KernelSupport
from pytest_indexcache.installers.containment.modes import (
    WITHOUT_CONTAINMENT,
    ContainmentMode,
    PlayContainment,
    play_containment,
)

LANDLOCK = KernelSupport(7)
NO_LANDLOCK = KernelSupport(missing="kernel without Landlock")


@pytest.mark.parametrize(
    ("containment", "is_active", "words"),
    [
        (WITHOUT_CONTAINMENT, False, "not contained: containment is off"),
        (PlayContainment(LANDLOCK), True, "contained: landlock 7 + seccomp"),
        (PlayContainment(NO_LANDLOCK), False, "not contained: kernel without Landlock"),
        (
            PlayContainment(LANDLOCK, is_embedded=True),
            True,
            "contained: landlock 7 + seccomp, around what the installer starts",
        ),
        (
            PlayContainment(NO_LANDLOCK, is_embedded=True),
            False,
            "not contained: kernel without Landlock",
        ),
    ],
)
def test_containment_says_whether_it_is_active(
    containment: PlayContainment, is_active: bool, words: str
) -> None:
    """A report says which processes of a play are contained and how, or why none are."""
    assert (containment.is_active, containment.words) == (is_active, words)
    containment.demand()


def test_missing_containment_that_is_required_is_an_error() -> None:
    """If containment is required but not possible, the error gives the reason and a remedy."""
    containment = play_containment(ContainmentMode.REQUIRE, kernel=NO_LANDLOCK)
    with pytest.raises(ContainmentError, match="kernel without Landlock") as raised:
        containment.demand()
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
def test_own_words_are_not_played_without_containment(
    mode: ContainmentMode, kernel: KernelSupport, own_words: str, is_refused: bool
) -> None:
    """In mode auto without containment, a scenario with verbatim commands is refused."""
    containment = play_containment(mode, kernel=kernel)
    if not is_refused:
        containment.demand(own_words)
        return
    with pytest.raises(ContainmentError) as raised:
        containment.demand(own_words)
    assert str(raised.value).startswith(
        "cannot contain the installer: kernel without Landlock; without containment it is not "
        "played, because it has a command line of its own (step 1)"
    )
    assert "--indexcache-trust FILE" in raised.value.hint


def test_nothing_is_contained_where_containment_is_off() -> None:
    """In mode off, a play is not contained, whatever the kernel supports."""
    assert play_containment(ContainmentMode.OFF, kernel=LANDLOCK) == WITHOUT_CONTAINMENT
