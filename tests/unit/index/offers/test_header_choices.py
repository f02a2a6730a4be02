"""The choice of header fields for an index, in layers."""

from __future__ import annotations

import pytest

from pytest_indexcache.errors import FakeIndexError
from pytest_indexcache.index.offers.header_choices import (
    changed,
    check_profile,
    overlaid,
    profile_of,
)
from pytest_indexcache.scenario.tables.fields import HeaderChoice


def choice(**keys: object) -> HeaderChoice:
    """Return a choice of header fields."""
    return HeaderChoice.model_validate(keys)


BELOW = choice(profile="pypi", pages={"ETag": '"1"', "vary": "Accept"})


def test_upper_field_wins_whatever_its_case() -> None:
    """A field of an upper layer overrides a lower one, whatever its case is (RFC 9110 §5.1)."""
    result = overlaid(BELOW, choice(pages={"etag": '"2"'}))
    assert result.pages == {"etag": '"2"', "vary": "Accept"}
    assert result.profile == "pypi"


def test_field_that_is_not_to_be_sent_hides_that_of_the_profile() -> None:
    """A field set to false is kept as false, and so hides the field of the profile."""
    assert overlaid(BELOW, choice(pages={"vary": False})).pages["vary"] is False


def test_empty_choice_changes_nothing() -> None:
    """A release without header fields sends the fields of its index."""
    assert overlaid(BELOW, choice()) is BELOW


def test_change_that_names_a_profile_starts_afresh() -> None:
    """A set-headers step with a profile removes all earlier fields."""
    after = choice(profile="none")
    assert changed(BELOW, after) == after
    assert changed(BELOW, choice(files={"age": "1"})).profile == "pypi"


def test_choice_without_a_profile_sends_no_field() -> None:
    """An index without a profile has the profile ``none``."""
    assert profile_of(choice()) == profile_of(choice(profile="none"))


def test_unknown_profile_is_an_error_of_the_index() -> None:
    """The error for an unknown header profile names the index and the profile."""
    with pytest.raises(FakeIndexError, match=r"ours.*no-such-profile"):
        check_profile("ours", choice(profile="no-such-profile"))
