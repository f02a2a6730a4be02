"""Write docs/servers.md anew, from the profiles of servers.

Run ``python docs/server_tables.py``; a test demands that the page is as this would leave it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pytest_indexcache.scenario.tables.indexes import Index
from pytest_indexcache.servers import ServerProfile, load_profile, profile_names

PAGE = Path(__file__).with_name("servers.md")
HEAD = """\
# Servers

With `server = "NAME"`, an index of a scenario answers like one of these servers. Each server has a
profile in `pytest_indexcache/servers/`, a file with the header fields and the behaviour, and the
sources and dates of both. Facts that no source shows are listed there and below.
`docs/server_tables.py` writes this page.

Some real servers can be installed from PyPI or Debian. `nox -s servers` sends the same 60 requests
to such a server and to the fake one: status, decisive header fields and the form of the body are
equal, except for the differences listed here. [headers.md](headers.md) has the requests of
installers.

In the overview, *tells of files* lists the attributes of files on pages, *last bytes* is the status
for a range of the last bytes, *304s* says which responses are answered by 304, and *unknown* is the
status for a project that the index does not have.
"""
URL = "https://index.example/simple"


def page() -> str:
    """Return the whole page."""
    return "\n".join([HEAD, *_overview(), "", *_each()])


def _overview() -> Iterator[str]:
    yield "## Overview"
    yield ""
    columns = "server pages tells-of-files metadata ranges last-bytes 304s gzip unknown"
    names = [name.replace("-", " ") for name in columns.split()]
    yield f"| {' | '.join(names)} |"
    yield f"| {' | '.join('---' for _ in names)} |"
    for name in profile_names():
        profile = load_profile(name)
        yield f"| {' | '.join([f'[`{name}`](#{name})', *_cells(profile)])} |"


def _cells(profile: ServerProfile) -> Iterator[str]:
    index = Index.model_validate({"url": URL, "server": profile.name})
    answers = index.answers
    version = f" {answers.api_version}" if "json" in index.formats else ""
    yield ", ".join(each.upper() for each in index.formats) + version
    hashes = ["no hash" if name == "none" else name for name in index.hashes]
    yield ", ".join([*hashes, *answers.tells])
    yield _word(index.metadata)
    yield _word(index.ranges)
    yield "206" if index.ranges and answers.suffix_ranges == 206 else _suffix(index)
    yield _conditions(profile, index)
    yield _word(index.gzip)
    yield (
        "redirect"
        if index.unknown_redirect
        else str(index.unknown_status or profile.unknown_status)
    )


def _suffix(index: Index) -> str:
    return str(index.answers.suffix_ranges) if index.ranges else "200"


def _conditions(profile: ServerProfile, index: Index) -> str:
    kept = []
    groups = (
        ("pages", profile.pages, index.answers.page_conditions),
        ("files", profile.files, index.answers.file_conditions),
    )
    for name, fields, conditions in groups:
        has = {"etag": "etag" in fields, "date": "last-modified" in fields}
        if any(has[condition] for condition in conditions):
            kept.append(name)
    return ", ".join(kept) or "no"


def _word(value: bool) -> str:
    return "yes" if value else "no"


def _each() -> Iterator[str]:
    for name in profile_names():
        profile = load_profile(name)
        yield f"## {name}"
        yield ""
        yield f"{profile.title}."
        yield ""
        if profile.hosts:
            yield f"Known hosts: {', '.join(f'`{host}`' for host in profile.hosts)}."
            yield ""
        yield from _list("Not known, or assumed", profile.not_found.strip())
        for source in profile.sources:
            yield f"- [{source.date}]({source.url}): {source.note}"
        yield ""
        yield from _differences(profile)


def _list(title: str, text: str) -> Iterator[str]:
    yield f"{title}: {text}"
    yield ""


def _differences(profile: ServerProfile) -> Iterator[str]:
    if not profile.differences:
        return
    yield "| request | the real server | why the fake one differs |"
    yield "| --- | --- | --- |"
    for difference in profile.differences:
        questions = "; ".join(difference.questions)
        yield f"| {questions} | {difference.real} | {difference.reason} |"
    yield ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
