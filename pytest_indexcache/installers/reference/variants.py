"""The variants of the reference installer, with their descriptions."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_indexcache.reference.words.variants import VARIANTS


def variant_descriptions() -> Mapping[str, str]:
    """Return a description of each variant's bug, keyed by the name that follows ``reference:``."""
    return {name: behaviour.description for name, behaviour in VARIANTS.items()}
