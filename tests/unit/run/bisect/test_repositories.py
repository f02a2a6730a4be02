"""The URL that compares two releases of an installer."""

from __future__ import annotations

import pytest

from pytest_indexcache.run.bisect.repositories import compare_url


@pytest.mark.parametrize(
    ("installer", "older", "newer", "expected"),
    [
        ("uv", "0.8.17", "0.8.18", "https://github.com/astral-sh/uv/compare/0.8.17...0.8.18"),
        ("pip", "19.1.1", "19.2", "https://github.com/pypa/pip/compare/19.1.1...19.2"),
        (
            "poetry",
            "2.1.1",
            "2.1.2",
            "https://github.com/python-poetry/poetry/compare/2.1.1...2.1.2",
        ),
        ("pdm", "2.28.1", "2.28.2", "https://github.com/pdm-project/pdm/compare/2.28.1...2.28.2"),
        ("ruled", "1.0", "1.1", None),
    ],
)
def test_url_names_both_tags(installer: str, older: str, newer: str, expected: str | None) -> None:
    """For each of the four installers, the URL names the tags of both versions."""
    assert compare_url(installer, older, newer) == expected
