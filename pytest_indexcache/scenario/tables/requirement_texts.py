"""Requirements, version specifiers and markers, read so that no installer reads them otherwise.

PEP 508 and PEP 440 let more pass than anybody needs: ``===`` takes any text, which pip and Poetry
read as a path where it has a slash, and a string of a marker may have escapes, which become
characters of METADATA when it is written anew.
"""

from __future__ import annotations

import re
from typing import Final

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

_STRANGE: Final = re.compile(r"[/\\$\x00-\x1f\x7f-\x9f\u2028\u2029]")


def read_requirement(text: str) -> Requirement:
    """Return a requirement.

    :raises ValueError: saying of the text what it is not, or what it has
    """
    try:
        requirement = Requirement(text)
    except (InvalidRequirement, RecursionError) as error:
        raise ValueError(f"is not a requirement (PEP 508){_reason(error)}") from None
    _demand_plain(text.replace(requirement.url, "", 1) if requirement.url else text)
    return requirement


def read_specifier(text: str) -> SpecifierSet:
    """Return a version specifier.

    :raises ValueError: saying of the text what it is not, or what it has
    """
    try:
        specifier = SpecifierSet(text)
    except InvalidSpecifier:
        raise ValueError("is not a version specifier (PEP 440)") from None
    _demand_plain(text)
    return specifier


def read_marker(text: str) -> Marker:
    """Return an environment marker.

    :raises ValueError: saying of the text what it is not, or what it has
    """
    try:
        marker = Marker(text)
    except (InvalidMarker, RecursionError) as error:
        raise ValueError(f"is not a marker (PEP 508){_reason(error)}") from None
    _demand_plain(text)
    return marker


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
