"""The files of the site, which are the same on every machine for the same content."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from pytest_indexcache.printable import printable
from pytest_indexcache.reports.page.rendering import environment, template_text
from pytest_indexcache.reports.page.site.cells import REPRODUCED, SiteScenario, in_columns
from pytest_indexcache.reports.page.site.earlier import FORMAT, INDEX, EarlierSite
from pytest_indexcache.reports.page.site.feed import (
    CellChange,
    changes_of,
    feed_updated,
    newest_changes,
)
from pytest_indexcache.reports.page.site.histories import history_rows
from pytest_indexcache.reports.page.site.places import (
    badge_place,
    installer_place,
    relative,
    release_place,
    scenario_place,
    server_place,
)
from pytest_indexcache.reports.page.site.server_pages import server_facts
from pytest_indexcache.reports.page.site.server_rows import (
    SITUATIONS,
    MeasuredServers,
    measured_servers,
)
from pytest_indexcache.reports.words import wording
from pytest_indexcache.reports.words.releases import newest_first
from pytest_indexcache.servers.profiles import profile_names

_PLACES: Final = {
    "scenario_place": scenario_place,
    "installer_place": installer_place,
    "release_place": release_place,
    "server_place": server_place,
}
"""The functions that return page paths, for use in templates."""

SiteFile = tuple[str, bytes]
"""The path of a file on the site, with its content."""


@dataclass(frozen=True)
class SiteContent:
    """The content of the site.

    ``url`` is the address at which the site will be published, or "" if unknown. ``version`` is the
    version of this package.
    """

    scenarios: tuple[SiteScenario, ...]
    version: str
    servers: MeasuredServers = field(default_factory=measured_servers)
    earlier: EarlierSite = field(default_factory=EarlierSite)
    url: str = ""

    @cached_property
    def changes(self) -> list[CellChange]:
        """Each cell with its last change."""
        return changes_of(self.scenarios, self.earlier)

    @cached_property
    def by_cell(self) -> Mapping[tuple[str, str], CellChange]:
        """Each cell with its last change, keyed by scenario name and installer."""
        return {(change.scenario.name, change.cell.installer): change for change in self.changes}

    @cached_property
    def installers(self) -> list[str]:
        """The installers that have at least one cell, in the order of the columns."""
        return in_columns(name for scenario in self.scenarios for name in scenario.cells)

    @cached_property
    def states(self) -> Mapping[str, Mapping[str, Mapping[str, str]]]:
        """The behaviour of installers, keyed by installer, release and scenario.

        The newest releases come first.
        """
        found: dict[str, dict[str, dict[str, str]]] = {}
        for scenario in self.scenarios:
            for (installer, release), state in scenario.states().items():
                releases = found.setdefault(installer, {})
                releases.setdefault(release, {})[scenario.name] = state
        return {
            installer: {release: releases[release] for release in newest_first(releases)}
            for installer, releases in found.items()
        }


def site_files(content: SiteContent) -> Iterator[SiteFile]:
    """Yield all files of the site: pages, their JSON files, badges, feed, style and script."""
    yield from _index(content)
    for scenario in content.scenarios:
        yield from _scenario(content, scenario)
    for installer in content.installers:
        yield from _installer(content, installer)
    for server in sorted({*profile_names(), *content.servers.cells}):
        yield from _server(content, server)
    changes = newest_changes(content.changes)
    yield (
        "feed.xml",
        _rendered("feed.xml", url=content.url, changes=changes, updated=feed_updated(changes)),
    )
    yield "style.css", _style().encode()
    yield "site.js", _script().encode()


def _style() -> str:
    return f"{template_text('report.css')}{template_text('site/site.css')}".lstrip()


def _script() -> str:
    return str(template_text("site/site.js")).lstrip()


def _rendered(template: str, **values: Any) -> bytes:
    return environment().get_template(f"site/{template}").render(**values).encode()


def _page(content: SiteContent, template: str, place: str, **values: Any) -> SiteFile:
    """Render the page at ``place`` from a template.

    Templates can call ``to(path)`` for a relative URL.
    """
    page = f"{place}.html"

    def to(target: str) -> str:
        return relative(target, page)

    text = _rendered(
        template,
        to=to,
        beside=f"{place.rpartition('/')[2]}.json",
        version=content.version,
        web_link=wording.web_link,
        **_PLACES,
        **values,
    )
    return page, text


def _json(place: str, data: Mapping[str, Any]) -> SiteFile:
    return f"{place}.json", (json.dumps(data, indent=1, ensure_ascii=True) + "\n").encode()


def _about(scenario: SiteScenario) -> dict[str, Any]:
    return {
        "name": scenario.name,
        "title": scenario.scenario.title,
        "issue": scenario.scenario.issue,
        "tags": list(scenario.scenario.tags),
        "page": f"{scenario_place(scenario.name)}.html",
    }


def _cells(content: SiteContent, scenario: SiteScenario) -> list[dict[str, Any]]:
    return [content.by_cell[scenario.name, name].to_json() for name in scenario.cells]


def _index(content: SiteContent) -> Iterator[SiteFile]:
    names = wording.short_names(scenario.name for scenario in content.scenarios)
    subjects = sorted(
        {names[scenario.name].rpartition("/")[0] for scenario in content.scenarios} - {""}
    )
    states = sorted({change.cell.state for change in content.changes})
    tags = sorted({tag for scenario in content.scenarios for tag in scenario.scenario.tags})
    yield _page(
        content,
        "index.html",
        "index",
        site=content,
        names=names,
        subjects=subjects,
        states=states,
        tags=tags,
        badges=[_counts(content, installer) for installer in content.installers],
        servers=sorted({*profile_names(), *content.servers.cells}),
    )
    data = {
        **FORMAT.head,
        "version": content.version,
        "installers": [_counts(content, installer) for installer in content.installers],
        "scenarios": [
            {**_about(scenario), "cells": _cells(content, scenario)}
            for scenario in content.scenarios
        ],
    }
    yield _json(INDEX.removesuffix(".json"), data)


def _scenario(content: SiteContent, scenario: SiteScenario) -> Iterator[SiteFile]:
    place = scenario_place(scenario.name)
    history = history_rows(scenario.history)
    name = wording.short_name(scenario.name)
    yield _page(
        content,
        "scenario.html",
        place,
        scenario=scenario,
        name=name,
        changes=[content.by_cell[scenario.name, cell] for cell in scenario.cells],
        states=content.states,
        history=history,
        lines=[printable(line) for line in scenario.text.splitlines()],
    )
    cells = _cells(content, scenario)
    about = {**_about(scenario), "description": scenario.scenario.description}
    rows = [row.to_json() for row in history]
    servers = list(scenario.servers)
    yield _json(place, {**about, "servers": servers, "cells": cells, "history": rows})


def _counts(content: SiteContent, installer: str) -> dict[str, Any]:
    """Count the scenarios in each state for an installer's newest release."""
    releases = content.states[installer]
    newest = next(iter(releases))
    states = list(releases[newest].values())
    failed = f", {states.count('failed')} failed" if "failed" in states else ""
    return {
        "installer": installer,
        "newest": newest,
        "scenarios": len(states),
        "states": {state: states.count(state) for state in sorted(set(states))},
        "text": f"{states.count(REPRODUCED)} reproduced{failed}",
        "page": f"{installer_place(installer)}.html",
        "badge": badge_place(installer),
    }


def _installer(content: SiteContent, installer: str) -> Iterator[SiteFile]:
    place, releases = installer_place(installer), content.states[installer]
    known = [scenario for scenario in content.scenarios if installer in scenario.cells]
    changes = [content.by_cell[scenario.name, installer] for scenario in known]
    counts = _counts(content, installer)
    names = wording.short_names(scenario.name for scenario in content.scenarios)
    yield _page(
        content,
        "installer.html",
        place,
        installer=installer,
        counts=counts,
        changes=sorted(changes, key=lambda change: change.cell.state == "passed"),
        releases=releases,
        names=names,
    )
    entries = [{**_about(change.scenario), "cell": change.to_json()} for change in changes]
    yield _json(place, {**counts, "releases": list(releases), "cells": entries})
    yield badge_place(installer), _badge(f"{installer} {counts['newest']}", counts["text"])
    for release, states in releases.items():
        yield from _release(content, installer, release, states, names)


def _release(
    content: SiteContent,
    installer: str,
    release: str,
    states: Mapping[str, str],
    names: Mapping[str, str],
) -> Iterator[SiteFile]:
    place = release_place(installer, release)
    listed = [
        (scenario, states[scenario.name])
        for scenario in content.scenarios
        if scenario.name in states
    ]
    listed.sort(key=lambda pair: pair[1] == "passed")
    yield _page(
        content,
        "release.html",
        place,
        installer=installer,
        release=release,
        listed=listed,
        names=names,
        counts={state: sum(other == state for _, other in listed) for _, state in listed},
    )
    entries = [{**_about(scenario), "state": state} for scenario, state in listed]
    yield _json(place, {"installer": installer, "release": release, "scenarios": entries})


def _server(content: SiteContent, server: str) -> Iterator[SiteFile]:
    place = server_place(server)
    facts = server_facts(server)
    rows = list(content.servers.rows(server))
    using: Sequence[SiteScenario] = [
        scenario for scenario in content.scenarios if server in scenario.servers
    ]
    yield _page(
        content,
        "server.html",
        place,
        server=server,
        facts=facts,
        situations=SITUATIONS,
        rows=rows,
        days=sorted({day for _, day in content.servers.specs.values()}),
        using=using,
        names=wording.short_names(scenario.name for scenario in using),
    )
    measured = {
        spec: {
            situation: {**vars(cell), "asked": dict(cell.asked)}
            for situation, cell in zip(SITUATIONS, cells, strict=True)
            if cell is not None
        }
        for spec, cells in rows
    }
    about = {"server": server, **(facts.to_json() if facts else {})}
    yield _json(
        place, {**about, "measured": measured, "scenarios": [scenario.name for scenario in using]}
    )


def _badge(label: str, text: str) -> bytes:
    # In Verdana of 11 px, a character takes about 7 px; textLength fits the text into this width.
    return _rendered(
        "badge.svg",
        label=label,
        text=text,
        left=len(label) * 7 + 10,
        right=len(text) * 7 + 10,
        colour="#16703a" if text == "0 reproduced" else "#9a5b00",
    )
