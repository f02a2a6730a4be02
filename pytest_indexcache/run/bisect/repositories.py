"""Version control repositories of installers, and URLs that compare two releases."""

from __future__ import annotations

from typing import Final

_REPOSITORIES: Final = {
    "uv": "https://github.com/astral-sh/uv",
    "pip": "https://github.com/pypa/pip",
    "poetry": "https://github.com/python-poetry/poetry",
    "pdm": "https://github.com/pdm-project/pdm",
}
"""Maps each installer to the URL of its repository; the tags of releases are plain versions."""


def repository_of(installer: str) -> str | None:
    """Return the URL of an installer's repository; None if the installer is not listed here."""
    return _REPOSITORIES.get(installer)


def compare_url(installer: str, older: str, newer: str) -> str | None:
    """Return the URL that compares two releases; None if the repository is unknown."""
    repository = repository_of(installer)
    return None if repository is None else f"{repository}/compare/{older}...{newer}"
