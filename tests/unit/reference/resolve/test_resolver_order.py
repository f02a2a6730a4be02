"""If there are several solutions, the resolver chooses the same as pip."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ..world import World

Releases = Mapping[str, Mapping[str, list[str]]]

RIVALS: Releases = {
    "ash": {"2.0": ["oak>=2"], "1.0": []},
    "birch": {"2.0": ["oak<2"], "1.0": []},
    "oak": {"2.0": [], "1.0": []},
}
"""Releases in which ash 2.0 and birch 2.0 exclude each other."""


@pytest.mark.parametrize(
    ("asked", "releases", "found"),
    [
        (["ash", "birch"], RIVALS, {"ash": "2.0", "oak": "2.0", "birch": "1.0"}),
        (["birch", "ash"], RIVALS, {"birch": "2.0", "oak": "1.0", "ash": "1.0"}),
        (["ash", "birch<3"], RIVALS, {"birch": "2.0", "oak": "1.0", "ash": "1.0"}),
        (["ash<3", "birch~=2.0"], RIVALS, {"birch": "2.0", "oak": "1.0", "ash": "1.0"}),
        (["birch", "ash==2.0"], RIVALS, {"ash": "2.0", "oak": "2.0", "birch": "1.0"}),
    ],
)
def test_what_is_narrow_and_asked_for_first_gets_its_newest_release(
    asked: list[str], releases: Releases, found: dict[str, str], world: World
) -> None:
    """Pins are decided first, then upper bounds, then requirements in their order."""
    for project, versions in releases.items():
        for version, requires in versions.items():
            world.client.add(project, version, requires)
    assert world.install(*asked) == found


def test_an_extra_keeps_the_release_that_it_was_found_for(world: World) -> None:
    """A release is skipped if it contradicts the release chosen for an extra's project."""
    world.client.add("app", "1.0", ["birch[fast]"])
    world.client.add("birch", "2.0", ["cedar", 'ash ; extra == "fast"'], extras=["fast"])
    world.client.add("birch", "1.0", ['ash ; extra == "fast"'], extras=["fast"])
    world.client.add("cedar", "2.0", ["birch<2"])
    world.client.add("cedar", "1.0")
    world.client.add("ash", "1.0")
    found = {"app": "1.0", "birch": "2.0", "cedar": "1.0", "ash": "1.0"}
    assert world.install("app") == found


def test_a_circle_that_nothing_needs_any_more_is_left_out(world: World) -> None:
    """Projects that require each other are dropped if only a discarded release needs them."""
    world.client.add("birch", "2.0", ["hazel"])
    world.client.add("birch", "1.0")
    world.client.add("hazel", "1.0", ["cedar"])
    world.client.add("cedar", "1.0", ["hazel", "birch<2"])
    assert world.install("birch") == {"birch": "1.0"}


def test_an_extra_is_decided_about_after_what_was_asked_for(world: World) -> None:
    """A direct requirement is decided before the extras of its project."""
    world.client.add("ash", "2.0", ['oak>=2 ; extra == "fast"'], extras=["fast"])
    world.client.add("ash", "1.0", extras=["fast"])
    world.client.add("birch", "2.0", ["oak<2"])
    world.client.add("birch", "1.0")
    world.client.add("oak", "2.0")
    world.client.add("oak", "1.0")
    found = {"ash": "1.0", "birch": "2.0", "oak": "1.0"}
    assert world.install("ash[fast]>=1.0", "birch") == found
