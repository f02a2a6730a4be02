"""The content of the page about a server profile."""

from __future__ import annotations

import pytest

from pytest_indexcache.reports.page.site.server_pages import server_facts
from pytest_indexcache.servers.profiles import profile_names


@pytest.mark.parametrize("name", profile_names())
def test_every_profile_has_facts(name: str) -> None:
    """Each profile's page has a title, and its sources have a URL, a date and a note."""
    facts = server_facts(name)
    assert facts is not None
    assert facts.title
    assert set(facts.fields) == {"pages", "metadata", "files"}
    assert all(url and date and note for url, date, note in facts.sources)


def test_fields_are_written_as_they_are_sent() -> None:
    """The facts list header fields as they are sent, and an unknown server has no facts."""
    facts = server_facts("pytorch")
    assert facts is not None
    assert "cache-control: no-cache,no-store,must-revalidate" in facts.fields["pages"]
    assert server_facts("nowhere") is None
