"""Identify the circumstances on which verdicts depend: the scenario, the machine and the code."""

from __future__ import annotations

import json
import platform
import sysconfig
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from pytest_indexcache import __version__
from pytest_indexcache.run.matrix.results import Circumstances
from pytest_indexcache.scenario.model import Scenario

_NOT_PLAYED: Final = frozenset(
    {
        "title",
        "issue",
        "tags",
        "description",
        "affected",
        "sometimes",
        "bug",
        "fixed_by",
        "measured",
        "variants",
    }
)
"""Keys that the digest leaves out, because they do not affect a play.

Some of them affect the verdict, which is therefore judged again when a stored play is used.
"""

_CODE: Final = (".py", ".toml")


def scenario_digest(scenario: Scenario) -> str:
    """Return a digest of a scenario without keys that no play depends on, such as the title."""
    played = scenario.model_dump(mode="json", exclude_unset=True, exclude=set(_NOT_PLAYED))
    # The order of tables matters: it is the order of requests to the indexes.
    return sha256(json.dumps(played).encode()).hexdigest()


@cache
def circumstances() -> Circumstances:
    """Return the platform, the Python and the package version of this process."""
    return Circumstances(
        platform=sysconfig.get_platform(),
        python=f"{platform.python_implementation()} {platform.python_version()}",
        harness=f"{__version__}+{_code_digest()[:12]}",
    )


def _code_digest() -> str:
    """Return a digest of this package's code.

    In a checkout, the code may change although the version stays the same.
    """
    package = Path(__file__).parents[2]
    digest = sha256()
    for path in sorted(_files(package)):
        digest.update(f"{path.relative_to(package)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _files(package: Path) -> Iterator[Path]:
    catalogue = package / "catalogue"
    for path in package.rglob("*"):
        if path.suffix in _CODE and not path.is_relative_to(catalogue):
            yield path
