"""The content of a server profile's page: its header fields, keys and sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pytest_indexcache.servers.profiles import load_profile, profile_names


@dataclass(frozen=True)
class ServerFacts:
    """A server profile as shown on its page.

    ``fields`` maps ``pages``, ``metadata`` and ``files`` to header lines. ``sources`` contains a
    URL, a date and a note for each source. ``keys`` lists the keys that an index in a scenario
    takes from the profile.
    """

    title: str
    not_found: str
    fields: dict[str, list[str]]
    sources: list[tuple[str, str, str]]
    keys: list[str]

    def to_json(self) -> dict[str, Any]:
        """Return the profile as a JSON-compatible dict."""
        named = [dict(zip(("url", "date", "note"), source, strict=True)) for source in self.sources]
        return {**vars(self), "sources": named}


def server_facts(name: str) -> ServerFacts | None:
    """Return a server profile as shown on its page, or None if there is no such profile."""
    if name not in profile_names():
        return None
    profile = load_profile(name)
    fields = {}
    for group in ("pages", "metadata", "files"):
        lines = []
        for field, value in profile.fields(group).items():
            texts = (value,) if isinstance(value, str | bool) else value
            lines += [f"{field}: {text}" if text else f"{field} is not sent" for text in texts]
        fields[group] = lines
    return ServerFacts(
        profile.title,
        profile.not_found,
        fields,
        [(source.url, source.date, source.note) for source in profile.sources],
        [f"{key} = {value}" for key, value in sorted(profile.index.items())],
    )
