"""Requirements, specifiers and markers that installers would read in another way."""

from __future__ import annotations

import pytest

from pytest_indexcache.scenario.tables.requirement_texts import (
    read_marker,
    read_requirement,
    read_specifier,
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("six===/../../x", "has '/', which installers read as part of a path"),
        ("six; sys_platform == 'a\\x22'", "has '\\\\', which installers read"),
        ("six; sys_platform == 'a/b'", "has '/'"),
        ("six @ https://a.example/six.zip ; sys_platform == 'a/b'", "has '/'"),
        ("six===${X}", "has '$'"),
        ("six===1\x01", "has '\\x01'"),
        ("six >", "is not a requirement (PEP 508)"),
    ],
)
def test_requirement_has_no_second_meaning(text: str, reason: str) -> None:
    """What pip takes for a path, or a marker for an escape, is refused."""
    with pytest.raises(ValueError, match=r"leave it out|PEP 508") as refusal:
        read_requirement(text)
    assert reason in str(refusal.value)


def test_urls_of_requirements_have_slashes() -> None:
    """They are checked where URLs are."""
    requirement = read_requirement("six[x] @ https://a.example/six.zip ; python_version < '3'")
    assert requirement.url == "https://a.example/six.zip"


def test_specifiers_and_markers_have_none() -> None:
    """The same holds for the parts of a requirement that stand alone."""
    with pytest.raises(ValueError, match="has '/'"):
        read_specifier("===/x")
    with pytest.raises(ValueError, match="has '/'"):
        read_marker("sys_platform == 'a/b'")
    assert str(read_specifier(">=1,<2")) in (">=1,<2", "<2,>=1")
