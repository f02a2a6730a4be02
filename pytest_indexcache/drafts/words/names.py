"""Parse project names, versions, filenames and URLs in text from users."""

from __future__ import annotations

import re
from dataclasses import dataclass
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


@dataclass(frozen=True)
class NamedFile:
    """A wheel or an sdist named in a log."""

    project: str
    version: str
    filename: str


def project_name(text: str) -> str:
    """Return the normalised name of a project; empty if the text is not a name."""
    try:
        return canonicalize_name(text.strip(), validate=True)
    except InvalidName:
        return ""


def is_version(text: str) -> bool:
    """Return whether a text is a version (PEP 440)."""
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def named_file(url: str) -> NamedFile | None:
    """Return the wheel or sdist at the end of a URL or filename; None for any other file.

    For the URL of a wheel's core metadata, the result is the wheel.
    """
    name = unquote(url.partition("#")[0].partition("?")[0].rpartition("/")[2])
    name = name.removesuffix(".metadata")
    try:
        if name.endswith(".whl"):
            project, version, _, _ = parse_wheel_filename(name)
        else:
            project, version = parse_sdist_filename(name)
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        return None
    return NamedFile(project, str(version), name)


_URL: Final = re.compile(r"https?://[^\s\"'<>`|\\]+")


def public_url(text: str) -> str:
    """Return a URL without user, password, query or fragment; empty if it is not http(s)."""
    found = _URL.fullmatch(text.strip().rstrip(",;"))
    if found is None:
        return ""
    try:
        parts = urlsplit(found[0])
        port = parts.port
    except ValueError:
        return ""
    if not parts.hostname or not parts.hostname.isascii():
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    where = f"{host}:{port}" if port is not None else host
    return f"{parts.scheme}://{where}{parts.path or '/'}"


_ASSIGNMENT: Final = re.compile(r"(?<![\w-])([A-Za-z_]\w*)=(?!=)(?:\"[^\"]*\"|'[^']*'|[^\s\"']+)")
_LOCAL_URL: Final = re.compile(r"file:/*[^\s\"']*")
_PATH: Final = re.compile(r"(?<![\w:/.…])(?:~|[A-Za-z]:\\|/)[^\s\"',;]*")


def public_command(text: str) -> str:
    """Return a command line without credentials, values of variables or paths of the machine.

    Each of these is replaced with ``…``; in a URL, only the user, password, query and fragment are
    removed.
    """
    text = _LOCAL_URL.sub("file:///…", text)
    text = _URL.sub(lambda found: public_url(found[0]) or "https://…", text)
    text = _ASSIGNMENT.sub(r"\1=…", text)
    return _PATH.sub("/…", text)
