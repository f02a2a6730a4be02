"""The project of the battery, with its files and the fake index that serves them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.scenario.tables.indexes import Index

RELEASE: Final = {
    "requires": ["six"],
    "requires-python": ">=3.8",
    "build": "mirror",
    "files": [{}, {"kind": "sdist"}],
}
PACKAGES: Final = {"demo-lib": {"1.0": RELEASE}}
URLS: Final[Mapping[str, str]] = {
    "devpi": "https://devpi.example/root/dev/+simple",
    "proxpi": "https://proxpi.example/index",
}


def fake_index(server: str, **keys: Any) -> tuple[FakeIndexes, str]:
    """Return an index with the profile of a server, and the URL of its root page."""
    url = URLS.get(server, "https://index.example/simple")
    table = {"url": url, "server": server, "packages": PACKAGES, **keys}
    return FakeIndexes({"main": Index.model_validate(table)}), f"{url}/"


def contents() -> dict[str, bytes]:
    """Return the bytes of the files by name; they are the same on every index."""
    return wheels_of(PACKAGES)


def wheels_of(packages: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the bytes of the projects' files by name; they are the same on every index."""
    served, _ = fake_index("none", packages=packages)
    return {
        file.filename: b"".join(
            file.distribution.content.chunks(0, file.distribution.content.length)
        )
        for file in served["main"].files.values()
    }
