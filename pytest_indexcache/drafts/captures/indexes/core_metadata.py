"""Convert the core metadata of a real file to the requirements and extras of a release."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from email.parser import HeaderParser
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

_EXTRA: Final = re.compile(
    r"""(?P<before>^|\ and\ )\(?extra\s*==\s*["'](?P<name>[A-Za-z0-9._-]+)["']\)?$"""
)


@dataclass(frozen=True)
class CoreRequirements:
    """The requirements of a release and of its extras.

    ``left_out`` contains the requirements that a scenario cannot express.
    """

    requires: tuple[str, ...] = ()
    extras: dict[str, list[str]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    requires_python: str = ""


def core_requirements(text: str, known: Collection[str]) -> CoreRequirements:
    """Return the requirements in core metadata.

    Requirements for projects outside ``known`` are dropped, because these projects were never
    requested.
    """
    message = HeaderParser().parsestr(text)
    requires: list[str] = []
    extras: dict[str, list[str]] = {
        canonicalize_name(name): [] for name in message.get_all("Provides-Extra", ())
    }
    asked: set[str] = set()
    left_out: list[str] = []
    for line in message.get_all("Requires-Dist", ()):
        try:
            requirement = Requirement(" ".join(line.split()))
        except InvalidRequirement:
            left_out.append(line)
            continue
        if canonicalize_name(requirement.name) not in known:
            continue
        if requirement.url:
            left_out.append(line)
            continue
        extra, plain = _without_extra(requirement)
        if extra is None:
            requires.append(plain)
        elif extra in extras:
            extras[extra].append(plain)
            asked.add(extra)
    kept = {name: texts for name, texts in extras.items() if name in asked}
    python = message.get("Requires-Python") or ""
    return CoreRequirements(tuple(requires), kept, tuple(left_out), python.strip())


def provided_extras(text: str) -> list[str]:
    """Return the names of the extras in core metadata."""
    return [str(name) for name in HeaderParser().parsestr(text).get_all("Provides-Extra", ())]


def _without_extra(requirement: Requirement) -> tuple[str | None, str]:
    """Split a requirement into the extra in its marker, or None, and the remaining requirement."""
    marker = str(requirement.marker) if requirement.marker is not None else ""
    found = _EXTRA.search(marker)
    if "extra" not in marker or found is None:
        return None, str(requirement)
    rest = marker[: found.start()].strip()
    requirement.marker = None
    plain = str(requirement)
    if rest.startswith("(") and rest.endswith(")") and rest.count("(") == 1:
        rest = rest[1:-1]
    return canonicalize_name(found["name"]), f"{plain}; {rest}" if rest else plain


def known_requirements(texts: Iterable[str], known: Collection[str]) -> list[str]:
    """Return the valid requirements for projects in ``known``, except those with a URL."""
    kept = []
    for text in texts:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if canonicalize_name(requirement.name) in known and not requirement.url:
            kept.append(str(requirement))
    return kept
