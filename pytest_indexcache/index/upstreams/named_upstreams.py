"""Running servers that replace indexes; a scenario file or the command line contains their URLs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from pytest_indexcache.errors import FakeIndexError, UpstreamError
from pytest_indexcache.index.upstreams.upstream import Upstream
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.fields.places import LOOPBACK_HOSTS
from pytest_indexcache.scenario.tables.indexes import Index


class NamedUrl(str):
    """The URL of a server that the user has given on the command line, and therefore trusts."""

    __slots__ = ()


def read_upstreams(texts: Iterable[str]) -> dict[str, str]:
    """Parse ``NAME=URL`` strings, and return the URLs keyed by the name of the index.

    :raises UpstreamError: for any other string, a repeated name, or an invalid URL
    """
    found: dict[str, str] = {}
    for text in texts:
        name, equals, url = text.partition("=")
        if not name or not equals or name in found:
            # the text may contain a password
            raise UpstreamError(
                f"upstream {name!r} is not NAME=URL, or is given twice",
                "give the name of an index in the scenario, and the URL of a server",
            )
        found[name] = url
        Upstream(name, url)
    return found


def with_upstreams(scenario: Scenario, urls: Mapping[str, str]) -> Scenario:
    """Return a scenario in which the indexes with these names are replaced by running servers."""
    named = {name: url for name, url in urls.items() if name in scenario.indexes}
    if not named:
        return scenario
    indexes = {
        name: index.model_copy(update={"upstream": NamedUrl(named[name])})
        if name in named
        else index
        for name, index in scenario.indexes.items()
    }
    return scenario.model_copy(update={"indexes": indexes})


def upstreams_of(scenario: Scenario, *, is_trusted: bool) -> tuple[Upstream, ...]:
    """Return the running servers that a scenario uses.

    Only a trusted file may contain the URL of a server, because the server may be reachable only
    from this machine. Servers given on the command line are always allowed.

    :raises FakeIndexError: if a file that is not ``is_trusted`` contains the URL of a server
    """
    found = []
    for name, index in scenario.indexes.items():
        if index.upstream is None:
            continue
        if not is_trusted and not isinstance(index.upstream, NamedUrl):
            text = f"the file sends requests to a server of this machine ({index.upstream})"
            hint = f"name the server on the command line ({name}=URL), or trust the file"
            raise FakeIndexError(name, text, hint, ("upstream",))
        found.append(Upstream(name, index.upstream, index.url))
    return tuple(found)


def without_packages(indexes: Mapping[str, Index]) -> dict[str, Index]:
    """Return the indexes, without the packages and pages of those that have an ``upstream``."""
    return {
        name: index
        if index.upstream is None
        else index.model_copy(update={"packages": {}, "pages": {}})
        for name, index in indexes.items()
    }


def is_on_loopback(upstream: Upstream) -> bool:
    """Return whether the URL of a server points to this machine itself."""
    return urlsplit(upstream.url).hostname in LOOPBACK_HOSTS
