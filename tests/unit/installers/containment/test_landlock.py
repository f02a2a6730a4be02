"""The access rights that Landlock handles, by ABI version."""

from __future__ import annotations

import pytest

from pytest_indexcache.installers.containment.landlock import handled_rights


@pytest.mark.parametrize(
    ("abi", "expected"),
    [
        (1, (0x1FFF, 0, 0)),
        (2, (0x3FFF, 0, 0)),
        (3, (0x7FFF, 0, 0)),
        (4, (0x7FFF, 3, 0)),
        (5, (0xFFFF, 3, 0)),
        (6, (0xFFFF, 3, 3)),
        (7, (0xFFFF, 3, 3)),
        (99, (0xFFFF, 3, 3)),
    ],
)
def test_rights_of_an_abi_are_all_handled(abi: int, expected: tuple[int, int, int]) -> None:
    """For each ABI up to 7, exactly the access rights that this ABI knows are handled."""
    assert handled_rights(abi) == expected
