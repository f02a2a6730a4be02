"""Descriptions of the reference installer's variants."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_indexcache.reference.words.variants import VARIANTS


def variant_descriptions() -> Mapping[str, str]:
    """Return a description of the bug in each variant, keyed by the name after ``reference:``."""
    return {name: behaviour.description for name, behaviour in VARIANTS.items()}
