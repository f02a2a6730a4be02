"""Hosts and modules that commands and URLs of a scenario may use."""

from __future__ import annotations

from pytest_indexcache.messages import HostPort
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.values.reach import Reach

SCENARIO = {
    "title": "t",
    "indexes": {
        "pypi": {"url": "https://pypi.org/simple", "packages": {"six": {"1.0": {}}}},
        "other": {
            "url": "http://other.example/simple",
            "files-url": "https://files.example:8443/x",
            "signed-urls": "https://signed.example/",
            "packages": {
                "a-b": {
                    "1.0": {"url": "https://release.example/"},
                    "2.0": {"files": [{"url": "https://file.example/"}]},
                }
            },
        },
    },
    "project": {"name": "mine"},
    "local-projects": {"near": {"path": "near"}},
    "steps": [
        {"do": "publish", "index": "other", "project": "late-one", "version": "1"}
        | {"contents": {"url": "https://late.example/"}},
        {"do": "edit", "local-projects": {"new": {"path": "new"}}},
        {"do": "sync"},
    ],
}


def reach() -> Reach:
    """Return the hosts, folders and modules that values of a scenario may reach."""
    scenario = Scenario.model_validate(SCENARIO)
    return Reach.of(scenario.served_urls, scenario.project_names)


def test_hosts_are_those_at_which_an_index_has_pages_or_files() -> None:
    """The hosts of pages, of files and of published files of an index may be used."""
    assert reach().origins == {
        HostPort("pypi.org", 443),
        HostPort("files.pythonhosted.org", 443),
        HostPort("other.example", 80),
        HostPort("files.example", 8443),
        HostPort("signed.example", 443),
        HostPort("release.example", 443),
        HostPort("file.example", 443),
        HostPort("late.example", 443),
    }


def test_modules_are_those_of_every_project() -> None:
    """Modules of projects on indexes, of local projects and of later steps can be imported."""
    assert reach().modules == {"six", "a_b", "mine", "near", "late_one", "new", "project"}
