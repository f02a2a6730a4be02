"""Header fields in layers: index, page, release and file."""

from __future__ import annotations

from typing import Final

from pytest_indexcache.errors import FakeIndexError, HeaderProfileError
from pytest_indexcache.scenario.tables.fields import HeaderChoice, HeaderFields
from pytest_indexcache.servers.profiles import ServerProfile, load_profile

_KINDS: Final = tuple(name for name in HeaderChoice.model_fields if name != "profile")
"""The tables of header fields in a layer, except for the profile."""


def overlaid(below: HeaderChoice, above: HeaderChoice) -> HeaderChoice:
    """Merge the header fields of two layers; a profile in ``above`` replaces that in ``below``.

    A field with the value false, which must not be sent, is kept in the result, because the profile
    may include this field.
    """
    if not above.model_fields_set:
        return below
    fields = {name: merged(getattr(below, name), getattr(above, name)) for name in _KINDS}
    return HeaderChoice(profile=above.profile or below.profile, **fields)


def changed(before: HeaderChoice, change: HeaderChoice) -> HeaderChoice:
    """Return the header fields in force after a change; a new profile replaces everything."""
    return change if change.profile else overlaid(before, change)


def profile_of(choice: HeaderChoice) -> ServerProfile:
    """Return the header profile of a layer; by default a profile of only Date and Content-Type."""
    return load_profile(choice.profile or "none")


def check_profile(index: str, choice: HeaderChoice, *path: str | int) -> None:
    """Raise FakeIndexError if a table of header fields names an unknown profile.

    The error's ``path`` is the key path relative to the index's table, or to the step.
    """
    try:
        profile_of(choice)
    except HeaderProfileError as error:
        raise FakeIndexError(index, error.message, error.hint, path) from None


def merged(below: HeaderFields, above: HeaderFields) -> HeaderFields:
    """Merge header fields, ``above`` taking precedence; case is ignored in names (RFC 9110 5.1)."""
    if not (below and above):
        return above or below
    return {name.lower(): value for fields in (below, above) for name, value in fields.items()}
