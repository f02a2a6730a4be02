"""The freshness lifetime of responses, computed from header fields."""

from __future__ import annotations

import pytest

from pytest_indexcache.probes.profiles.measured_servers import measured_data, servers_alike
from pytest_indexcache.probes.profiles.traits import TRAITS, lifetime_of
from pytest_indexcache.servers import FieldValue, load_profile


@pytest.mark.parametrize(
    ("fields", "lifetime"),
    [
        ({}, "unknown"),
        ({"last-modified": "$modified"}, "guessed"),
        ({"Cache-Control": "max-age=600, public"}, "fresh"),
        ({"cache-control": "max-age=0, private"}, "stale at once"),
        ({"cache-control": "no-cache"}, "stale at once"),
        ({"cache-control": ("no-cache", "no-store")}, "forbidden"),
        ({"expires": "$date"}, "stale at once"),
        ({"expires": "${date+60}"}, "fresh"),
        ({"expires": "${date-60}"}, "stale at once"),
        ({"cache-control": False, "last-modified": "$modified"}, "guessed"),
    ],
)
def test_lifetime(fields: dict[str, FieldValue], lifetime: str) -> None:
    """The lifetime comes from Cache-Control, then Expires, then Last-Modified (RFC 9111 §4.2)."""
    assert lifetime_of(fields) == lifetime


@pytest.mark.parametrize("trait", TRAITS)
def test_server_is_most_like_itself(trait: str) -> None:
    """Each measured server is most similar to its own profile, or to an equal profile."""
    for name in measured_data()["uv"]["servers"]:
        profile = load_profile(name)
        assert name in servers_alike(profile, trait)
