"""Convert requirements from logs to the standard form (PEP 508)."""

from __future__ import annotations

import re
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from pytest_indexcache.scenario.words import limits

_RANGE: Final = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?P<extras>\[[^\]]*\])?"
    r"(?:\{(?P<marker>[^}]*)\})?(?:\[[^\]]*\])? *(?P<range>.*)"
)
_EXACTLY: Final = re.compile(r">=(?P<version>[^ ,|]+), <(?P=version)\+$")


def requirement_of_range(text: str) -> str:
    """Return the requirement for a package with a version range in uv's log, or "" if invalid.

    In the log, ``torch{sys_platform == 'linux'}>=2.0, <2.0+`` means ``torch==2.0`` with a marker. A
    requirement cannot express a union of ranges, so only the name is returned.
    """
    found = _RANGE.fullmatch(text.strip())
    if found is None:
        return ""
    extras, marker = found["extras"] or "", found["marker"]
    whole = f"{found['name']}{extras}{_specifier(found['range'].strip())}"
    for candidate in (f"{whole}; {marker}" if marker else whole, whole, found["name"]):
        if readable := readable_requirement(candidate):
            return readable
    return ""


def _specifier(text: str) -> str:
    if exactly := _EXACTLY.match(text):
        return f"=={exactly['version']}"
    if text in ("", "*") or "|" in text or "∅" in text:
        return ""
    parts = (re.sub(r"^(<[^=].*)\.dev0$", r"\1", part.strip()) for part in text.split(","))
    plain = ",".join(parts)
    try:
        SpecifierSet(plain)
    except InvalidSpecifier:
        return ""
    return plain


def readable_requirement(text: str) -> str:
    """Return a requirement in standard form, or "" if it is invalid, too long, or has a URL."""
    if len(text) > limits.TEXT:
        return ""
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return ""
    return "" if requirement.url else str(requirement)


def version_for(requirement: Requirement) -> str:
    """Return a version that meets a requirement: one that it mentions, or else a guess.

    If no guess meets the requirement, the result is ``1.0``.
    """
    named = [part.version.removesuffix(".*") for part in requirement.specifier]
    for candidate in (*sorted(named, reverse=True), "1.0", "1", "0.1", "100.0"):
        try:
            version = Version(candidate)
        except ValueError:
            continue
        if requirement.specifier.contains(version, prereleases=True):
            return candidate
    return "1.0"
