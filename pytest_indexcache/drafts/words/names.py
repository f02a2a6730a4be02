"""Parse project names, versions, filenames and URLs in texts from users."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import unquote, urlsplit

from packaging.utils import (
    InvalidName,
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from pytest_indexcache.scenario.words import limits

OWN_PROJECT: Final = "project"
"""The name of the user's own project in a scenario."""


@dataclass(frozen=True)
class NamedFile:
    """A wheel or an sdist, with the project and version from its name."""

    project: str
    version: str
    filename: str


def project_name(text: str) -> str:
    """Return the normalised name of a project, or "" if the text is not a valid name."""
    try:
        return canonicalize_name(text.strip(), validate=True)
    except InvalidName:
        return ""


def is_version(text: str) -> bool:
    """Return whether a string is a version (PEP 440) that is not too long for a scenario."""
    if len(text) > limits.VERSION:
        return False
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def named_file(url: str) -> NamedFile | None:
    """Return the wheel or sdist that a URL or filename names, or None.

    The URL of a wheel's core metadata counts as naming the wheel.
    """
    name = unquote(url.partition("#")[0].partition("?")[0].rpartition("/")[2])
    name = name.removesuffix(".metadata")
    if len(name) > limits.FILENAME:
        return None
    try:
        if name.endswith(".whl"):
            project, version, _, _ = parse_wheel_filename(name)
        else:
            project, version = parse_sdist_filename(name)
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        return None
    return NamedFile(project, str(version), name)


URL: Final = re.compile(r"https?://[^\s\"'<>`|\\]+")
"""A pattern for a URL in text."""

_HOST: Final = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|[0-9a-f:.]*:[0-9a-f:.]*")
_USUAL_PORTS: Final = {"http": 80, "https": 443}


@lru_cache(maxsize=4096)
def public_url(text: str) -> str:
    """Return an http or https URL without user name, password, query, fragment and default port.

    For any other string, and for a URL with braces, the result is an empty string.
    """
    found = URL.fullmatch(text.strip().rstrip(",;"))
    if found is None:
        return ""
    try:
        parts = urlsplit(found[0])
        name, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if _HOST.fullmatch(name) is None or "{" in parts.path or "}" in parts.path:
        return ""
    host = f"[{name}]" if ":" in name else name
    where = host if port in (None, _USUAL_PORTS[parts.scheme]) else f"{host}:{port}"
    return f"{parts.scheme}://{where}{parts.path or '/'}"
