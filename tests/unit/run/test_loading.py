"""Mistakes in a scenario that only the harness can find, such as names unknown to it."""

from __future__ import annotations

import pytest

from pytest_indexcache.errors import ScenarioError
from pytest_indexcache.run.loading import loads_playable

SCENARIO = """\
title = "t"
variants = {{ {} }}
[indexes.pypi]
url = "https://pypi.org/simple"
packages.six."1.0" = {{}}
[[steps]]
do = "install"
requirements = ["six"]
expect = {{ installed = {{ six = "1.0" }} }}
"""


def test_variants_of_the_reference_installer_are_known() -> None:
    """A scenario may name each variant of the reference installer in ``[variants]``."""
    loaded = loads_playable(SCENARIO.format("obey-no-store = 1, ignore-origin = 1"))
    assert set(loaded.scenario.variants) == {"obey-no-store", "ignore-origin"}


@pytest.mark.parametrize(
    ("variants", "message"),
    [
        (
            "obey-nostore = 1",
            "2: variants.obey-nostore: unknown variant 'obey-nostore' (did you mean "
            "'obey-no-store'?)",
        ),
        ("zzz = 1", "2: variants.zzz: unknown variant 'zzz' (known: accept-md5, "),
        ("zzz = 2", "2: variants.zzz: there is no step 2: the last is step 1"),
    ],
)
def test_an_unknown_variant_is_a_problem(variants: str, message: str) -> None:
    """An unknown variant is reported with the most similar name; a wrong value is reported once."""
    with pytest.raises(ScenarioError) as raised:
        loads_playable(SCENARIO.format(variants))
    assert message in str(raised.value)
    assert str(raised.value).count("variants.") == 1
