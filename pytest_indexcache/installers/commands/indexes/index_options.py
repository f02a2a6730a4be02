"""Command-line options that name indexes, for commands without a project."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from pytest_indexcache.installers.commands.indexes.project_indexes import is_pypi, written_url
from pytest_indexcache.scenario.model import Scenario


def index_options(
    scenario: Scenario, default: str | None, extra: Iterable[str] = (), *, knows_pypi: bool = True
) -> list[str]:
    """Return the uv and pip options that select a default index and further indexes.

    A flat index is passed as ``--find-links``. If the default index is flat, the last of the other
    indexes becomes the default; if there is none, ``--no-index`` disables PyPI. If ``knows_pypi``
    is true, no option is returned for PyPI as the default index.
    """
    main = default or scenario.default_index
    if main is None:
        return _further(scenario, extra)
    if not scenario.indexes[main].flat:
        url = written_url(scenario, main)
        is_known = knows_pypi and is_pypi(url) and main not in scenario.access
        first = [] if is_known else ["--index-url", url]
        return [*first, *_further(scenario, extra)]
    others = [name for name in extra if name != main]
    simple = [name for name in others if not scenario.indexes[name].flat]
    if not simple:
        return ["--no-index", *_further(scenario, [*others, main])]
    others.remove(simple[-1])
    first = ["--index-url", written_url(scenario, simple[-1])]
    return [*first, *_further(scenario, [*others, main])]


def _further(scenario: Scenario, names: Iterable[str]) -> list[str]:
    parts: list[str] = []
    for name in names:
        option = "--find-links" if scenario.indexes[name].flat else "--extra-index-url"
        parts += [option, written_url(scenario, name)]
    return parts


def find_links_options(scenario: Scenario, places: Iterable[str]) -> list[str]:
    """Return a ``--find-links`` option for each place.

    A place is the name of a flat index, or a folder in the workspace.
    """
    parts: list[str] = []
    for place in places:
        is_index = place in scenario.indexes
        parts += ["--find-links", written_url(scenario, place) if is_index else f"../{place}"]
    return parts


def unencrypted_hosts(arguments: Iterable[str]) -> list[str]:
    """Return the hosts of all ``http://`` URLs among the arguments, without duplicates."""
    urls = [urlsplit(text) for text in arguments if text.startswith("http://")]
    return list(dict.fromkeys(url.hostname for url in urls if url.hostname))
