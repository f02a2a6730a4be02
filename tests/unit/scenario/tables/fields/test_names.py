"""Filenames and ranges of versions as single values."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from pytest_indexcache.scenario.tables.fields import ByVersion, FileName, versions_of

VERSIONS: TypeAdapter[dict[str, int]] = TypeAdapter(ByVersion[int])
FILE = TypeAdapter[str](FileName)


@pytest.mark.parametrize(
    ("key", "versions"),
    [
        ("1.0", ("1.0",)),
        ("1.0 … 1.2", ("1.0", "1.1", "1.2")),
        ("1.9...1.10", ("1.9", "1.10")),
        ("2.0rc1 … 2.0rc2", ("2.0rc1", "2.0rc2")),
        ("7 … 8", ("7", "8")),
    ],
)
def test_a_range_of_versions_differs_in_the_last_number(key: str, versions: tuple[str]) -> None:
    """A range of versions stands for every last number between its ends, both included."""
    assert versions_of(key) == versions


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("1.0 … 2.1", "'1.0 … 2.1' is not a range of versions"),
        ("1.2 … 1.1", "'1.2 … 1.1' is not a range of versions"),
        ("1.0 … 1.1000", "stands for more than 1,000 versions"),
        ("1.0 … 1.0+cpu", "is not a version"),
    ],
)
def test_a_range_that_is_none_is_refused(key: str, message: str) -> None:
    """A range of versions is refused if its ends differ in more than the last number."""
    with pytest.raises(ValidationError, match=message):
        VERSIONS.validate_python({key: 1})


def test_a_version_with_a_key_of_its_own_is_not_of_the_range() -> None:
    """The key of a single version takes precedence over a range that contains the version."""
    table: dict[Any, Any] = {"1.0 … 1.3": 1, "1.2.0": 2}
    assert VERSIONS.validate_python(table) == {"1.0": 1, "1.1": 1, "1.3": 1, "1.2.0": 2}


@pytest.mark.parametrize(
    "name", ["../a-1.0.tar.gz", "a-1..0.zip", ".a-1.0.whl", "a/b.whl", "a.txt"]
)
def test_the_name_of_a_file_is_that_of_a_wheel_or_an_sdist(name: str) -> None:
    """A filename is refused if it is a path, or not the name of a wheel or an sdist."""
    with pytest.raises(ValidationError, match="is not the name of a wheel or of an sdist"):
        FILE.validate_python(name)


def test_a_version_is_of_one_range_alone() -> None:
    """Overlapping ranges of versions are refused, because one would hide the other."""
    with pytest.raises(ValidationError, match=r"version 1\.3 is in two ranges"):
        VERSIONS.validate_python({"1.0 … 1.5": 1, "1.3 … 1.8": 2})
