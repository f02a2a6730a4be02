"""The options that name indexes for uv and pip."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from pytest_indexcache.installers.commands.indexes.index_options import (
    find_links_options,
    index_options,
    unencrypted_hosts,
)
from pytest_indexcache.installers.commands.indexes.project_indexes import (
    project_indexes,
    written_url,
)
from pytest_indexcache.scenario.model import Scenario

INDEXES = {
    "pypi": {"url": "https://pypi.org/simple"},
    "flat": {"url": "https://a.example/flat/", "flat": True},
    "links": {"url": "https://b.example/links/", "flat": True, "users": {"me": "p:w"}},
    "plain": {"url": "http://c.example:4040/simple"},
    "inline": {"url": "https://you:pw@d.example/simple", "users": {"me": "pw", "you": "pw"}},
}


def scenario(*names: str) -> Scenario:
    """Return a scenario with these indexes."""
    tables = {name: INDEXES[name] for name in names}
    return Scenario.model_validate({"title": "t", "indexes": tables, "steps": [{"do": "lock"}]})


@pytest.mark.parametrize(
    ("names", "default", "extra", "options"),
    [
        (["pypi"], None, [], ""),
        (["pypi", "plain"], None, ["plain"], "--extra-index-url http://c.example:4040/simple"),
        (["plain"], None, [], "--index-url http://c.example:4040/simple"),
        (["pypi", "plain"], "plain", [], "--index-url http://c.example:4040/simple"),
        (["flat"], None, [], "--no-index --find-links https://a.example/flat/"),
        (["pypi", "flat"], "flat", [], "--no-index --find-links https://a.example/flat/"),
        (["pypi", "flat"], None, ["flat"], "--find-links https://a.example/flat/"),
        (
            ["pypi", "flat", "links"],
            "flat",
            ["links"],
            "--no-index --find-links https://me:p%3Aw@b.example/links/ "
            "--find-links https://a.example/flat/",
        ),
        (
            ["flat", "plain", "pypi"],
            "flat",
            ["plain"],
            "--index-url http://c.example:4040/simple --find-links https://a.example/flat/",
        ),
        (["inline"], None, [], "--index-url https://you:pw@d.example/simple"),
    ],
)
def test_indexes_are_named_as_a_user_would_name_them(
    names: list[str], default: str | None, extra: list[str], options: str
) -> None:
    """A flat index is never an --index-url, and PyPI is used only if the scenario has it."""
    assert shlex.join(index_options(scenario(*names), default, extra)) == options


def test_pypi_is_named_to_who_does_not_know_it() -> None:
    """If the installer's default index is not PyPI, an option names PyPI."""
    expected = ["--index-url", "https://pypi.org/simple"]
    assert index_options(scenario("pypi"), None, knows_pypi=False) == expected


def test_places_of_files_have_credentials_too() -> None:
    """The URL of a flat index contains credentials; a folder becomes relative to the project."""
    links = "https://me:p%3Aw@b.example/links/"
    found = find_links_options(scenario("links"), ["links", "wheels"])
    assert found == ["--find-links", links, "--find-links", "../wheels"]


def test_a_password_in_the_url_stays_as_it_is_written() -> None:
    """A URL that already contains a user is not changed."""
    assert written_url(scenario("inline"), "inline") == "https://you:pw@d.example/simple"


@pytest.mark.parametrize(
    ("access", "url"),
    [
        ({}, "https://me:p%3Aw@b.example/links/"),
        ({"slash": False}, "https://me:p%3Aw@b.example/links"),
        ({"slash": True}, "https://me:p%3Aw@b.example/links/"),
        ({"user": "you", "password": "a@b"}, "https://you:a%40b@b.example/links/"),
        ({"user": "token"}, "https://token@b.example/links/"),
        ({"user": False}, "https://b.example/links/"),
        ({"netrc": True}, "https://b.example/links/"),
    ],
)
def test_a_url_is_written_as_the_user_has_it(access: dict[str, Any], url: str) -> None:
    """The URL of an index contains its credentials, unless they are in a netrc file."""
    keys = {"title": "t", "indexes": INDEXES, "steps": [{"do": "lock"}]}
    told = Scenario.model_validate({**keys, "access": {"links": access}})
    assert written_url(told, "links") == url


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        ({}, ("flat", "links", "plain", "inline", "pypi")),
        ({"project": {"indexes": ["plain"]}}, ("plain",)),
        ({"project": {"indexes": ["pypi", "plain", "flat"]}}, ("plain", "flat", "pypi")),
        (
            {"project": {"indexes": ["plain"]}, "sources": {"six": {"index": "flat"}}},
            ("plain", "flat"),
        ),
        (
            {
                "project": {"indexes": ["plain"]},
                "steps": [{"do": "install", "requirements": ["a"], "extra-indexes": ["plain"]}],
            },
            ("plain",),
        ),
    ],
)
def test_a_project_has_the_indexes_that_it_names(
    keys: dict[str, Any], names: tuple[str, ...]
) -> None:
    """A project's indexes are those of ``indexes`` and of its sources, the default one last."""
    base = {"title": "t", "indexes": INDEXES, "steps": [{"do": "lock"}]}
    assert project_indexes(Scenario.model_validate({**base, **keys})) == names


def test_hosts_without_tls_are_those_of_http_urls() -> None:
    """The hosts of ``http://`` URLs are listed once, without port or user."""
    urls = [
        "http://a.example:80/x",
        "--find-links",
        "http://me:pw@a.example/y",
        "https://b.example",
    ]
    assert unencrypted_hosts(urls) == ["a.example"]
