"""Names of scenarios in reports."""

from __future__ import annotations

import pytest

from pytest_indexcache.reports.words.wording import short_names


@pytest.mark.parametrize(
    ("scenarios", "names"),
    [
        (["scenarios/pytorch/uv-1.toml", "uv-1.toml"], ["pytorch/uv-1", "uv-1"]),
        (["../x/a/s.toml", "../y/a/s.toml", "b/s.toml"], ["x/a/s", "y/a/s", "b/s"]),
        (["a/s.toml", "../a/s.toml"], ["a/s", "../a/s"]),
        (["1/x/a/s.toml", "2/x/a/s.toml"], ["1/x/a/s", "2/x/a/s"]),
        (["a/\x1b.toml"], ["a/\\x1b"]),
    ],
)
def test_short_names_differ(scenarios: list[str], names: list[str]) -> None:
    """A scenario is named by folder and file, and by more folders if two names are equal."""
    assert short_names([*scenarios, *scenarios]) == dict(zip(scenarios, names, strict=True))
