"""Functions that return the only release of app, and requirements as strings."""

from __future__ import annotations

from packaging.utils import canonicalize_name

APP = canonicalize_name("app")
WHEEL = "app-1.0-py3-none-any.whl"


def names(requirements: object) -> list[str]:
    """Return requirements as text."""
    assert isinstance(requirements, tuple)
    return [str(requirement) for requirement in requirements]
