"""Find out which releases in a scenario meet its requirements.

The script cannot do this itself, because it has no parser for specifiers.
"""

from __future__ import annotations

import base64
import io
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from email.parser import HeaderParser
from typing import Any, Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

_NAMES: Final = ("METADATA", "PKG-INFO")


class KnownReleases:
    """The project versions and the requirements found in core metadata."""

    def __init__(self) -> None:
        self._versions: dict[str, set[str]] = {}
        self._requirements: set[str] = set()

    def add(self, bodies: Iterable[str]) -> None:
        """Add the core metadata in base64-encoded files: wheels, sdists or metadata files."""
        for body in bodies:
            for metadata in _metadata(base64.b64decode(body)):
                message = HeaderParser().parsestr(metadata.decode("utf-8", "replace"))
                project = canonicalize_name(message.get("Name", ""))
                self._versions.setdefault(project, set()).add(message.get("Version", ""))
                self._requirements.update(message.get_all("Requires-Dist", ()))

    def table(self, wanted: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Return the project, marker and matching versions for each requirement.

        ``wanted`` contains requirements in addition to those in the metadata. ``versions`` is None
        if every version meets the requirement. ``others`` contains the known versions that do not
        meet it.
        """
        texts = sorted(self._requirements | {*wanted})
        rows = ((text, requirement_of(text)) for text in texts)
        return {
            text: self._row(requirement) for text, requirement in rows if requirement is not None
        }

    def _row(self, requirement: Requirement) -> dict[str, Any]:
        name = canonicalize_name(requirement.name)
        known = sorted(self._versions.get(name, ()))
        meets = [version for version in known if _meets(version, requirement)]
        return {
            "name": name,
            "marker": str(requirement.marker or ""),
            "versions": meets if requirement.specifier else None,
            "others": [version for version in known if version not in meets],
        }


def requirement_of(text: str) -> Requirement | None:
    """Parse a requirement; return None if it is invalid."""
    try:
        return Requirement(text)
    except InvalidRequirement:
        return None


def _meets(version: str, requirement: Requirement) -> bool:
    try:
        return requirement.specifier.contains(Version(version), prereleases=True)
    except InvalidVersion:
        return False


def _metadata(data: bytes) -> Iterator[bytes]:
    """Yield the core metadata in a wheel or sdist, or the data itself if it is core metadata."""
    if data.startswith(b"Metadata-Version:"):
        yield data
    elif zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                if name.rpartition("/")[2] in _NAMES:
                    yield archive.read(name)
    elif data.startswith(b"\x1f\x8b"):
        with tarfile.open(fileobj=io.BytesIO(data)) as sdist:
            for member in sdist:
                file = sdist.extractfile(member)
                if member.name.rpartition("/")[2] in _NAMES and file is not None:
                    yield file.read()
