"""Check requirements, markers, URLs and paths for forms that installers would read differently.

PEP 508 and PEP 440 allow such forms. Any text is allowed after ``===``, for example, but if it
contains a slash, pip and Poetry read it as a path. A string in a marker can contain escapes, which
become other characters when the marker is written into METADATA.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import urlsplit

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

_HOST_LABEL: Final = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST: Final = re.compile(
    rf"(?!.{{254}}){_HOST_LABEL}(\.{_HOST_LABEL})*\.?|[0-9a-f:.]*:[0-9a-f:.]*"
)
_STRANGE: Final = re.compile(r"[/\\$\x00-\x1f\x7f-\x9f\u2028\u2029]")


def read_requirement(text: str) -> Requirement:
    """Parse a requirement (PEP 508).

    :raises ValueError: if it is invalid or ambiguous; callers add the text to the message
    """
    try:
        requirement = Requirement(text)
    except (InvalidRequirement, RecursionError) as error:
        raise ValueError(f"is not a requirement (PEP 508){_reason(error)}") from None
    _demand_plain(text.replace(requirement.url, "", 1) if requirement.url else text)
    return requirement


def read_specifier(text: str) -> SpecifierSet:
    """Parse a version specifier (PEP 440).

    :raises ValueError: if it is invalid or ambiguous; callers add the text to the message
    """
    try:
        specifier = SpecifierSet(text)
    except InvalidSpecifier:
        raise ValueError("is not a version specifier (PEP 440)") from None
    _demand_plain(text)
    return specifier


def read_marker(text: str) -> Marker:
    """Parse an environment marker (PEP 508).

    :raises ValueError: if it is invalid or ambiguous; callers add the text to the message
    """
    try:
        marker = Marker(text)
    except (InvalidMarker, RecursionError) as error:
        raise ValueError(f"is not a marker (PEP 508){_reason(error)}") from None
    _demand_plain(text)
    return marker


def check_url(text: str) -> None:
    """Raise ValueError unless all installers read the string as the same http or https URL.

    :raises ValueError: otherwise; callers add the string to the message
    """
    if not re.fullmatch(r"[!-~]*", text):
        raise ValueError("is not a URL: it can have only visible ASCII, without spaces")
    if strange := re.search(r"[\\,;\"'<>^`{|}]", text):
        raise ValueError(f"has {strange[0]!r}, which may end a URL: encode it")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"is not a URL: {error}") from None
    if parts.scheme not in ("http", "https"):
        raise ValueError("is not an http or https URL")
    if not host:
        raise ValueError("names no host")
    if not _HOST.fullmatch(host):
        raise ValueError(f"names a host that cannot be one: {host[:80]!r}")
    escape = re.search(r"%(?:2[ef5]|5c)", parts.path, re.IGNORECASE)
    if escape:
        # Poetry before 2.4 wrote to the last part of "x/%2Fabs" as a path.
        raise ValueError(f"has {escape[0]!r} in its path: write the character itself")


def check_path(text: str, longest_name: int) -> None:
    """Raise ValueError unless the string is a relative path that stays in the workspace.

    ``longest_name`` is the maximum number of bytes in each component of the path.

    :raises ValueError: otherwise; callers add the string to the message
    """
    if not text.isprintable() or not text.strip() or text.startswith("-"):
        raise ValueError("is not a path")
    if text.startswith(("/", "~")) or "\\" in text or ":" in text:
        raise ValueError("leaves the workspace: give a relative path with forward slashes")
    if strange := re.search(r"[$%,;\"'<>|`{}&#]", text):
        raise ValueError(f"is not a path: an installer could read {strange[0]} in it")
    depth = 0
    for part in PurePosixPath(text).parts:
        if part != part.strip() or (part.startswith("..") and part != ".."):
            # Some installers strip spaces, and an extra such as "[x]".
            raise ValueError(f"has {part[:60]!r}, which an installer may read as another folder")
        if len(part.encode()) > longest_name:
            raise ValueError(
                f"has a part of more than {longest_name} bytes, the longest name of a file"
            )
        depth += -1 if part == ".." else 1
        if depth < 0:
            raise ValueError("leaves the workspace")


def _demand_plain(text: str) -> None:
    strange = _STRANGE.search(text)
    if strange:
        raise ValueError(
            f"has {strange[0]!r}, which installers read as part of a path or as an "
            "escape: leave it out"
        )


def _reason(error: Exception) -> str:
    first = str(error).split("\n", 1)[0]
    return f": {first}" if first and len(first) < 200 else ""
