"""A complete probe: send the battery, derive a server profile, and judge the answers."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_indexcache.probes.battery.asking import ask_all
from pytest_indexcache.probes.battery.client import ProbeClient
from pytest_indexcache.probes.battery.questions import questions
from pytest_indexcache.probes.battery.search import find_places
from pytest_indexcache.probes.battery.seen import Seen
from pytest_indexcache.probes.findings import ProbeFinding, findings
from pytest_indexcache.probes.profiles.profile_text import profile_of
from pytest_indexcache.servers import ServerProfile


@dataclass(frozen=True)
class Probe:
    """The result of a probe; ``profile_text`` is the server profile as TOML."""

    seen: Seen
    profile: ServerProfile
    profile_text: str
    findings: tuple[ProbeFinding, ...]


def probe(client: ProbeClient, index_url: str, project: str | None, day: str) -> Probe:
    """Probe an index; ``day`` is the ISO date to write into the profile.

    :raises ProbeError: if the index cannot be reached or does not have the project
    """
    places, redirect = find_places(client.ask, index_url, project)
    seen = Seen(places, ask_all(client.ask, places, questions()), redirect)
    profile, text = profile_of(seen, places.simple.rstrip("/"), day)
    return Probe(seen, profile, text, tuple(findings(seen, profile)))
