"""The indexes that a scenario's project file names, with their URLs as a user would write them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.steps import InstallerStep

PYPI: Final = "https://pypi.org/simple"
"""The default index of every installer."""


def project_indexes(scenario: Scenario) -> tuple[str, ...]:
    """Return the indexes in the project file, with the default index last.

    An index that a step names on its command line is included only if the project also names it.
    """
    named, default = scenario.project.indexes, scenario.default_index
    sources = {source.index for many in scenario.sources.values() for source in many}
    kept = [name for name in scenario.indexes if name in sources | set(scenario.cache_control)]
    brought = {name for _, step in scenario.every_step for name in _step_indexes(step)}
    if named is None:
        named = tuple(index for index in scenario.indexes if index in kept or index not in brought)
        kept = [default] if default else []
    every = dict.fromkeys((*named, *kept))
    return (
        *(name for name in every if name != default),
        *(name for name in every if name == default),
    )


def _step_indexes(step: object) -> Iterator[str]:
    index = getattr(step, "index", None)
    if index and isinstance(step, InstallerStep):
        yield index
    yield from getattr(step, "extra_indexes", ())
    yield from getattr(step, "find_links", ())


def is_explicit(scenario: Scenario, index: str) -> bool:
    """Return whether an index is used only for projects that name it as their source."""
    return index in scenario.explicit_indexes and index != scenario.default_index


def is_pypi(url: str) -> bool:
    """Return whether a URL is PyPI's simple index."""
    return url.rstrip("/") == PYPI


def written_url(scenario: Scenario, index: str, *, with_login: bool = True) -> str:
    """Return an index's URL as a user would write it, with a user name and password if required.

    Credentials from a netrc file are not added to the URL. If the URL already contains a user name,
    or if ``with_login`` is false, no credentials are added.
    """
    access, url = scenario.access.get(index), scenario.indexes[index].url
    if access is not None and access.slash is not None:
        url = url.rstrip("/") + ("/" if access.slash else "")
    login = None if access is not None and access.netrc else scenario.login_of(index)
    parts = urlsplit(url)
    if login is None or parts.username is not None or not with_login:
        return url
    name, password = (quote(part, safe="") for part in login)
    place = f"{name}:{password}" if password else name
    return urlunsplit(parts._replace(netloc=f"{place}@{parts.netloc}"))
