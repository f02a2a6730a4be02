"""Header fields in layers: one layer each for the index, the page, the release and the file."""

from __future__ import annotations

from typing import Final

from pytest_indexcache.errors import FakeIndexError, HeaderProfileError
from pytest_indexcache.scenario.tables.fields import HeaderChoice, HeaderFields
from pytest_indexcache.servers.profiles import ServerProfile, load_profile

_KINDS: Final = tuple(name for name in HeaderChoice.model_fields if name != "profile")
"""The tables of header fields that a layer consists of, apart from the profile."""


def overlaid(below: HeaderChoice, above: HeaderChoice) -> HeaderChoice:
    """Merge the header fields of two layers; a profile in ``above`` replaces the one in ``below``.

    A field with the value false is not sent. It is kept in the result, because it also suppresses
    the same field in the profile.
    """
    if not above.model_fields_set:
        return below
    fields = {name: merged(getattr(below, name), getattr(above, name)) for name in _KINDS}
    return HeaderChoice(profile=above.profile or below.profile, **fields)


def changed(before: HeaderChoice, change: HeaderChoice) -> HeaderChoice:
    """Return the header fields after a change; a change that sets a profile replaces them all."""
    return change if change.profile else overlaid(before, change)


def profile_of(choice: HeaderChoice) -> ServerProfile:
    """Return a layer's header profile; by default, one that contains only Date and Content-Type."""
    return load_profile(choice.profile or "none")


def check_profile(index: str, choice: HeaderChoice, *path: str | int) -> None:
    """Raise FakeIndexError if a table of header fields refers to an unknown profile.

    The ``path`` of the error is the key path inside the index's table or the step.
    """
    try:
        profile_of(choice)
    except HeaderProfileError as error:
        raise FakeIndexError(index, error.message, error.hint, path) from None


def merged(below: HeaderFields, above: HeaderFields) -> HeaderFields:
    """Merge header fields, ignoring case (RFC 9110 5.1); those in ``above`` take precedence."""
    if not (below and above):
        return above or below
    return {name.lower(): value for fields in (below, above) for name, value in fields.items()}
