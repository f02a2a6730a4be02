"""Behaviours of the reference installer: the correct one, and those of variants."""

from __future__ import annotations

from dataclasses import fields

from pytest_indexcache.reference.words.behaviour import CORRECT, Behaviour
from pytest_indexcache.reference.words.variants import VARIANTS

FLAGS = [field.name for field in fields(Behaviour) if field.type == "bool"]


def test_the_correct_behaviour_deviates_in_nothing() -> None:
    """The correct behaviour sets no flag for a deviation."""
    assert not any(getattr(CORRECT, flag) for flag in FLAGS)


def test_every_variant_has_the_one_flag_of_its_name() -> None:
    """Each variant sets only the flag with its own name, and each flag has a variant."""
    raised = {
        name: [flag for flag in FLAGS if getattr(behaviour, flag)]
        for name, behaviour in VARIANTS.items()
    }
    assert raised == {flag.replace("_", "-"): [flag] for flag in FLAGS}


def test_every_variant_says_what_it_does_wrong() -> None:
    """Each variant has a one-line description of its fault."""
    for behaviour in VARIANTS.values():
        assert behaviour.description
        assert "\n" not in behaviour.description


def test_descriptions_do_not_count_when_behaviours_are_compared() -> None:
    """Two behaviours that differ only in their descriptions are equal."""
    assert Behaviour("one", ignore_hash=True) == Behaviour("two", ignore_hash=True)
