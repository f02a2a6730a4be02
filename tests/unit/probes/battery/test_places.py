"""The URLs that the battery requests."""

from __future__ import annotations

import pytest

from pytest_indexcache.probes.battery.places import Places

PLACES = Places(
    "https://index.example/simple/",
    "demo-lib",
    "https://f.example/demo_lib-1.0-py3-none-any.whl?s=1",
)


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("page", "https://index.example/simple/demo-lib/"),
        ("page without slash", "https://index.example/simple/demo-lib"),
        ("unnormalised page", "https://index.example/simple/Demo_Lib/"),
        ("root page without slash", "https://index.example/simple"),
        ("unknown page", "https://index.example/simple/indexcache-unknown-project/"),
        ("metadata", "https://f.example/demo_lib-1.0-py3-none-any.whl.metadata?s=1"),
        ("unknown file", "https://f.example/demo_lib-99999.0-py3-none-any.whl?s=1"),
        ("sdist", None),
    ],
)
def test_target_has_its_url(target: str, url: str | None) -> None:
    """Each target of the battery has a URL, except a file that the project does not have."""
    assert PLACES.url_of(target) == url
