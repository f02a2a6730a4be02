"""Limits of expectations."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_indexcache.scenario.checks.values.expectation_counts import check_expectation_counts
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.words import limits


def found(files: int, *expects: dict[str, Any]) -> list[str]:
    """Return the key path of each finding in a scenario with these expectations."""
    steps = [{"do": "sync", "expect": expect} for expect in expects]
    scenario = Scenario.model_validate({"title": "x", "steps": steps})
    return [
        ".".join(map(str, finding.path)) for finding in check_expectation_counts(scenario, files)
    ]


def _names(count: int) -> list[str]:
    return [f"a{number}*" for number in range(count)]


def _expect(key: str, count: int) -> dict[str, Any]:
    names = _names(count)
    of_six = {"files": [f"{name}.whl" for name in names], "urls": names}
    values: dict[str, Any] = {
        "absent": names,
        "venv_files": dict.fromkeys(names, True),
        "fields": {"page": {f"x-{number}": True for number in range(count)}},
        "output": {"contains": names},
        "cached": {"wheel": dict.fromkeys(names, "any")},
        "files": {"six": {"files": of_six["files"]}},
        "urls": {"six": {"urls": of_six["urls"]}},
    }
    value = values.get(key, dict.fromkeys(names, "any"))
    return {"locked" if key in ("files", "urls") else key: value}


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("downloads", "downloads.a500*"),
        ("revalidated", "revalidated.a500*"),
        ("bytes", "bytes.a500*"),
        ("cached", "cached.wheel.a500*"),
        ("absent", "absent.500"),
        ("venv_files", "venv-files.a500*"),
        ("fields", "fields.page.x-500"),
        ("output", "output.contains.500"),
        ("files", "locked.six.files.500"),
        ("urls", "locked.six.urls.500"),
    ],
)
def test_number_of_patterns_is_limited(key: str, place: str) -> None:
    """Patterns, header fields and output strings in all expectations share one limit."""
    assert found(1, _expect(key, limits.PATTERNS)) == []
    assert found(1, _expect(key, limits.PATTERNS + 1)) == [f"steps.0.expect.{place}"]
    assert found(1, _expect("absent", limits.PATTERNS), _expect(key, 1))


def test_names_without_wildcards_are_not_counted() -> None:
    """Filenames without wildcards do not count as patterns, because they are looked up."""
    names = {f"a{number}": "any" for number in range(limits.PATTERNS + 1)}
    assert found(limits.FILES, {"downloads": names, "absent": list(names)}) == []


def test_patterns_count_with_the_files_they_are_held_against() -> None:
    """A pattern is counted for each file that it is compared with, not for each step."""
    most = limits.MATCHES // limits.FILES
    expect = {"downloads": dict.fromkeys(_names(most), "any")}
    assert found(limits.FILES, expect, expect) == []
    (place,) = found(limits.FILES, expect, {"absent": ["b*"]})
    assert place == "steps.1.expect.absent.0"
