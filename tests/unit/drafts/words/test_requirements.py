"""Requirements in texts of strangers."""

from __future__ import annotations

import pytest

from pytest_indexcache.drafts.words.requirements import readable_requirement


@pytest.mark.parametrize(
    ("text", "readable"),
    [
        ("six >= 1", "six>=1"),
        ("six @ https://files.example/six.whl", ""),
        ("six ==", ""),
        (f"six=={'9' * 5000}", ""),
    ],
)
def test_requirement_in_its_usual_form(text: str, readable: str) -> None:
    """A requirement with a URL, an invalid one, and one with thousands of digits are ignored."""
    assert readable_requirement(text) == readable
