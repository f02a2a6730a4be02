"""How ``[affected]`` and ``[sometimes]`` list releases."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from pytest_indexcache.scenario.listed import Listed, listed_as

if TYPE_CHECKING:
    from pytest_indexcache.scenario.model import Scenario


@pytest.mark.parametrize(
    ("affected", "sometimes", "version", "listed"),
    [
        ("<= 0.8.11", "", "0.8.11", Listed.AFFECTED),
        ("<= 0.8.11", "", "0.8.12", Listed.NOT),
        (">= 0.2, < 0.9", "", "0.9.0", Listed.NOT),
        (">= 0", "", "1.0rc1", Listed.AFFECTED),
        ("", "< 0.9", "0.8.11", Listed.SOMETIMES),
        ("", "< 0.9", "0.9.0", Listed.NOT),
        ("< 0.9", ">= 0.8", "0.8.11", Listed.SOMETIMES),
        ("< 0.9", ">= 0.8", "0.7.0", Listed.AFFECTED),
        ("", "", "1.0", Listed.NOT),
    ],
)
def test_a_release_is_listed_where_the_specifiers_hold(
    affected: str, sometimes: str, version: str, listed: Listed
) -> None:
    """They are read as PEP 440 has it, pre-releases included; chance outweighs certainty."""
    tables = {"affected": affected, "sometimes": sometimes}
    scenario = SimpleNamespace(**{key: {"uv": it} if it else {} for key, it in tables.items()})
    assert listed_as(cast("Scenario", scenario), "uv", version) is listed
    assert listed_as(cast("Scenario", scenario), "pip", version) is Listed.NOT
