"""Folders, hosts and modules that the values of a scenario may reach."""

from __future__ import annotations

import pytest

from pytest_indexcache.messages import HostPort
from pytest_indexcache.scenario.values.reach import Reach, modules_of

REACH = Reach(frozenset({HostPort("pypi.org", 443), HostPort("a.example", 8080)}))


@pytest.mark.parametrize(
    ("url", "missing"),
    [
        ("https://pypi.org/simple", None),
        ("https://PyPI.org:443/simple", None),
        ("https://user:pass@pypi.org/simple", None),
        ("http://a.example:8080", None),
        ("http://pypi.org/simple", "pypi.org"),
        ("https://a.example", "a.example"),
        ("https://pypi.org.evil.example/", "pypi.org.evil.example"),
        ("https://pypi.org@evil.example/", "evil.example"),
        ("https://pypi.org%2eevil.example/", "pypi.org%2eevil.example"),
        ("https://evil.example#@pypi.org/", "evil.example"),
        ("https://evil.example?@pypi.org/", "evil.example"),
        ("https://evil.example\\@pypi.org/", ""),
        ("https://a@evil.example@pypi.org/", "pypi.org"),
        ("https:///pypi.org/", ""),
        ("https:/pypi.org/", ""),
        ("https://pypi.org:port/", ""),
        ("ftp://pypi.org/", ""),
        ("file:///etc/passwd", ""),
        ("git+https://pypi.org/x", ""),
    ],
)
def test_host_of_a_url_must_be_served(url: str, missing: str | None) -> None:
    """An http or https URL is accepted only if an index has its host and port."""
    assert REACH.missing_host(url) == missing
    assert REACH.serves(url) == (missing is None)


def test_hosts_are_named_with_unusual_ports() -> None:
    """A message names the port of a host only if it is not the default port of the scheme."""
    assert REACH.hosts == ["a.example:8080", "pypi.org"]


@pytest.mark.parametrize(
    ("path", "inside"),
    [
        ("x", True),
        ("..", True),
        ("../x", True),
        ("../..", False),
        ("a/../../../x", False),
        ("/x", False),
        ("~/x", False),
        ("a\\b", False),
        ("$HOME", False),
        ("file:x", False),
    ],
)
def test_path_stays_inside(path: str, inside: bool) -> None:
    """A path may leave the project's folder, but not the workspace above it."""
    assert REACH.holds(path) is inside


def test_path_stays_inside_from_each_folder() -> None:
    """A relative path must stay inside the workspace from each folder in which it may be read."""
    assert not REACH.entered("..").holds("../x")
    assert REACH.entered("a").holds("../x")
    assert not REACH.starting(["."]).holds("..")
    with pytest.raises(ValueError, match="at most twice"):
        REACH.entered("a").entered("b").entered("c")


def test_modules_have_the_names_of_projects() -> None:
    """The module of a project has the normalised name, as in wheels of fake indexes."""
    assert modules_of(["Nvidia.cublas-cu12"]) == {"nvidia_cublas_cu12"}
