"""The paths of the site's pages, which depend only on the names of scenarios and installers."""

from __future__ import annotations

import posixpath
import re
from hashlib import sha256
from typing import Final

_SAFE: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]{0,150}")
_CATALOGUE: Final = "scenarios/"


def safe_part(text: str) -> str:
    """Return a unique path component for a name.

    Special characters are replaced with hyphens. In that case, a hash of the name is appended.
    """
    if _SAFE.fullmatch(text) and not text.endswith("."):
        return text
    plain = re.sub(r"[^A-Za-z0-9_]+", "-", text).strip("-")[:60]
    return f"{plain or 'x'}-{sha256(text.encode('utf-8', 'backslashreplace')).hexdigest()[:10]}"


def scenario_place(name: str) -> str:
    """Return the path of a scenario's page without ``.html``, such as ``scenarios/pages/a``."""
    parts = name.removeprefix(_CATALOGUE).removesuffix(".toml").split("/")
    return _CATALOGUE + "/".join(map(safe_part, parts))


def installer_place(name: str) -> str:
    """Return the path of an installer's page without ``.html``."""
    return f"installers/{safe_part(name)}"


def release_place(name: str, release: str) -> str:
    """Return the path of a release's page without ``.html``."""
    return f"installers/{safe_part(name)}/{safe_part(release)}"


def server_place(name: str) -> str:
    """Return the path of a server profile's page without ``.html``."""
    return f"servers/{safe_part(name)}"


def badge_place(name: str) -> str:
    """Return the path of an installer's badge, an SVG image."""
    return f"badges/{safe_part(name)}.svg"


def relative(target: str, page: str) -> str:
    """Return the URL of ``target`` relative to ``page``; both are paths on the site."""
    return posixpath.relpath(target, posixpath.dirname(page) or ".")
