"""Behaviours: the deviations that scenarios are tried on."""

from __future__ import annotations

from dataclasses import fields

from pytest_indexcache.reference.words.behaviour import CORRECT, VARIANTS, Behaviour

FLAGS = [field.name for field in fields(Behaviour) if field.type == "bool"]


def test_the_correct_behaviour_deviates_in_nothing() -> None:
    """As it comes, every flag is off."""
    assert not any(getattr(CORRECT, flag) for flag in FLAGS)


def test_every_variant_has_the_one_flag_of_its_name() -> None:
    """A variant deviates in one thing, and each thing has a variant."""
    raised = {
        name: [flag for flag in FLAGS if getattr(behaviour, flag)]
        for name, behaviour in VARIANTS.items()
    }
    assert raised == {flag.replace("_", "-"): [flag] for flag in FLAGS}


def test_every_variant_says_what_it_does_wrong() -> None:
    """Help texts list variants with a line for each."""
    for behaviour in VARIANTS.values():
        assert behaviour.description
        assert "\n" not in behaviour.description


def test_descriptions_do_not_count_when_behaviours_are_compared() -> None:
    """Two behaviours are the same if they do the same."""
    assert Behaviour("one", ignore_hash=True) == Behaviour("two", ignore_hash=True)
