"""Capabilities, and the releases of an installer that have them."""

from __future__ import annotations

import pytest
from packaging.version import Version

from pytest_indexcache.installers.commands.capabilities import NEVER, Capability, since
from pytest_indexcache.installers.commands.dialect import Dialect
from pytest_indexcache.installers.pdm.dialect import PdmDialect
from pytest_indexcache.installers.pip.dialect import PipDialect
from pytest_indexcache.installers.poetry.dialect import PoetryDialect
from pytest_indexcache.installers.uv.dialect import UvDialect


@pytest.mark.parametrize(
    ("row", "release", "is_there", "following"),
    [
        (since("0.4.23"), "0.4.22", False, "0.4.23"),
        (since("0.4.23"), "0.4.23", True, None),
        (since("0.4.23"), "0.10", True, None),
        (NEVER, "99", False, None),
        (Capability("0.1.3", "0.1.18", "0.1.19"), "0.1.2", False, "0.1.3"),
        (Capability("0.1.3", "0.1.18", "0.1.19"), "0.1.17", True, None),
        (Capability("0.1.3", "0.1.18", "0.1.19"), "0.1.18", False, "0.1.19"),
        (Capability("0.1.3", "0.1.18", "0.1.19"), "0.1.19", True, None),
        (Capability("0.1.3", "0.1.18"), "0.2", False, None),
    ],
)
def test_capability_is_in_the_releases_of_its_row(
    row: Capability, release: str, is_there: bool, following: str | None
) -> None:
    """A capability begins with one release, and may be missing in a later range of releases."""
    assert row.is_in(Version(release)) is is_there
    if not is_there:
        assert row.next_release(Version(release)) == following


@pytest.mark.parametrize("dialect", [UvDialect, PipDialect, PoetryDialect, PdmDialect])
def test_what_is_always_needed_is_a_row(dialect: type[Dialect]) -> None:
    """Every capability that an installer always needs has a row in its table."""
    assert set(dialect.always_needed) <= set(dialect.capabilities)
