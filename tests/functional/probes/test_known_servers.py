"""A probe of each fake server finds the profile of that server."""

from __future__ import annotations

import time

import httpx
import pytest

from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.index.inprocess import mount
from pytest_indexcache.messages import Exchange
from pytest_indexcache.probes.battery.client import Bounds, ProbeClient
from pytest_indexcache.probes.findings import advice
from pytest_indexcache.probes.probing import Probe, probe
from pytest_indexcache.probes.profiles.comparison import differences
from pytest_indexcache.scenario.tables.indexes import Index
from pytest_indexcache.servers import load_profile, profile_names
from pytest_indexcache.servers.profiles import parse_profile

RELEASE = {"requires": ["six"], "requires-python": ">=3.8", "files": [{}, {"kind": "sdist"}]}
WITH_YANKED = {"demo-lib": {"1.0": RELEASE, "0.9": {"yanked": "broken"}}}
URL = "https://index.example/simple"


def probed(server: str, **keys: object) -> tuple[Probe, list[Exchange]]:
    """Probe a fake index with a server's profile; return the findings and the requests."""
    table = {"url": URL, "server": server, "packages": {"demo-lib": {"1.0": RELEASE}}, **keys}
    asked: list[Exchange] = []
    indexes = FakeIndexes({"main": Index.model_validate(table)})
    transport = mount(indexes, record=asked.append, clock=time.time)
    with httpx.Client(transport=transport) as http:
        bounds = Bounds(rate=1e6)
        client = ProbeClient(URL, http, bounds, monotonic=time.monotonic, sleep=lambda _: None)
        found = probe(client, URL, None, "2026-11-30")
    assert not client.problems
    return found, asked


@pytest.mark.parametrize("server", profile_names())
def test_probe_finds_the_profile_of_a_known_server(server: str) -> None:
    """The profile that a probe writes is valid, and equal to the profile of the fake server."""
    found, asked = probed(server)
    assert list(differences(load_profile(server), found.profile)) == []
    assert parse_profile(found.profile.name, found.profile_text) == found.profile
    assert {exchange.method for exchange in asked} == {"GET", "HEAD"}
    assert len(asked) <= 70


def grades(found: Probe) -> dict[str, str]:
    """Return the worst verdict of each subject."""
    order = ("good", "costs", "wrong")
    worst: dict[str, str] = {}
    for finding in found.findings:
        subject, grade = finding.judged.subject, str(finding.judged.grade)
        worst[subject] = max(worst.get(subject, "good"), grade, key=order.index)
    return worst


@pytest.mark.parametrize(
    ("server", "keys", "subject", "grade"),
    [
        ("pypi", {}, "pages.lifetime", "good"),
        ("pypi", {}, "files.metadata", "good"),
        ("pypi", {}, "files.hash", "good"),
        ("pytorch", {}, "pages.lifetime", "costs"),
        ("pytorch", {}, "pages.unknown", "wrong"),
        ("devpi", {}, "pages.vary", "costs"),
        ("devpi", {}, "files.ranges", "costs"),
        ("none", {"answers": {"vary": False}}, "pages.vary", "wrong"),
        ("none", {"formats": ["html"]}, "pages.format", "costs"),
        ("none", {"hashes": "wrong"}, "files.hash", "wrong"),
        ("none", {"hashes": "none"}, "pages.hashes", "costs"),
        ("none", {"head": False}, "files.head", "costs"),
        ("none", {"gzip": False}, "pages.compression", "costs"),
        ("none", {"ranges": False}, "files.ranges", "wrong"),
        ("artifactory", {}, "files.validators", "wrong"),
        ("nexus", {}, "files.not-modified", "wrong"),
        ("pypiserver", {}, "files.if-range", "wrong"),
        ("azure", {}, "files.redirect", "costs"),
        ("codeartifact", {}, "files.date", "wrong"),
        ("proxpi", {}, "pages.names", "wrong"),
        ("pypi", {}, "pages.requires-python", "good"),
        ("none", {"answers": {"tells": ["yanked"]}}, "pages.requires-python", "costs"),
        ("pypi", {"packages": WITH_YANKED}, "pages.yanked", "good"),
    ],
)
def test_what_an_index_does_is_judged(
    server: str, keys: dict[str, object], subject: str, grade: str
) -> None:
    """Each behaviour of an index is judged by the clause that applies to it."""
    assert grades(probed(server, **keys)[0])[subject] == grade


@pytest.mark.parametrize("missing", ["metadata-is-missing", "metadata-is-wrong"])
def test_announced_metadata_has_to_be_there(missing: str) -> None:
    """Announced core metadata that is missing or has another hash violates PEP 658."""
    apart = {"missing": True} if missing == "metadata-is-missing" else {"hash": "wrong"}
    packages = {"demo-lib": {"1.0": {"metadata": apart}}}
    found, _ = probed("none", packages=packages)
    assert grades(found)["files.metadata"] == "wrong"


def test_finding_has_what_installers_were_measured_to_do() -> None:
    """A finding lists what installers were measured to do with such a server, and a remedy."""
    found, _ = probed("devpi")
    (lifetime,) = (each for each in found.findings if each.judged.subject == "pages.lifetime")
    assert {each.server for each in lifetime.measured} == {"devpi"}
    assert any(each.installer.startswith("uv==") for each in lifetime.measured)
    assert "page 200" in lifetime.measured[0].asked["again"]
    assert lifetime.settings
    assert "nginx" in lifetime.settings


def test_every_subject_has_its_clause() -> None:
    """Every subject that a probe judges has a clause with its URL."""
    subjects = {
        each.judged.subject for name in profile_names() for each in probed(name)[0].findings
    }
    assert subjects <= advice().keys()
    assert all(each.url.startswith("https://") and each.clause for each in advice().values())
