"""The URLs that the battery requests: those of an index's pages, and of one project's files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit, urlunsplit

UNKNOWN_PROJECT: Final = "indexcache-unknown-project"
"""A project name that presumably does not exist on any index."""


@dataclass(frozen=True, slots=True)
class Places:
    """The URLs to request; ``simple`` is the URL of the root page, with a trailing slash.

    ``wheel`` and ``sdist`` are None if the page does not list such a file.
    """

    simple: str
    project: str
    wheel: str | None = None
    sdist: str | None = None

    @property
    def page(self) -> str:
        """The URL of the project's simple page."""
        return f"{self.simple}{self.project}/"

    def url_of(self, target: str) -> str | None:
        """Return the URL for a target in the battery, or None if the index lacks such a file."""
        spelled = self.project.replace("-", "_").title()
        unknown = f"{self.simple}{UNKNOWN_PROJECT}"
        return {
            "page": self.page,
            "page without slash": self.page.rstrip("/"),
            "unnormalised page": f"{self.simple}{spelled}/",
            "root page": self.simple,
            "root page without slash": self.simple.rstrip("/"),
            "unknown page": f"{unknown}/",
            "unknown page without slash": unknown,
            "wheel": self.wheel,
            "sdist": self.sdist,
            "metadata": self.wheel and metadata_url(self.wheel),
            "unknown file": self.wheel and _of_another_version(self.wheel),
        }[target]


def file_url(page: str, href: str) -> str:
    """Return the URL of a file without the fragment.

    :raises ValueError: if ``href`` is not a valid URL
    """
    return urljoin(page, href).partition("#")[0]


def metadata_url(url: str) -> str:
    """Return the URL of a file's core metadata (PEP 658); a query stays at the end of the URL."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path}.metadata"))


def _of_another_version(url: str) -> str:
    parts = urlsplit(url)
    path = re.sub(r"-[^-/]+(?=(-[^-/]+)+$)", "-99999.0", parts.path, count=1)
    return urlunsplit(parts._replace(path=path))
