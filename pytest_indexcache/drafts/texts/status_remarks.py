"""Write comments on failed requests in a log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pytest_indexcache.drafts.indexes.answer_facts import SeenStatus
from pytest_indexcache.drafts.indexes.placements import Placement
from pytest_indexcache.drafts.texts.redirect_keys import is_written
from pytest_indexcache.drafts.texts.remarks import to_be_read
from pytest_indexcache.drafts.texts.toml_text import comment, toml_line


def status_remarks(placement: Placement) -> Iterator[str]:
    """Yield comments on redirects and failed requests that the keys of the draft do not express.

    A comment may contain a ``fail`` step that makes the index fail in the same way.
    """
    homes = {each.release.project: each.index for each in placement.releases}
    for seen in placement.facts.statuses:
        is_absent = seen.status == 404 and seen.kind == "page"
        if is_written(placement, seen):
            continue
        if is_absent and homes.get(seen.project, seen.index) != seen.index:
            continue  # the index of the draft does not have the project, either
        times = "" if seen.count == 1 else f", {seen.count} times"
        yield to_be_read(f"the log has status {seen.status}{times}: {seen.url}")
        if seen.target:
            yield to_be_read(f"that response leads to {seen.target}")
        if seen.index and seen.status >= 400 and not is_absent:
            yield from map(comment, _fail_lines(seen, homes))


def _fail_lines(seen: SeenStatus, homes: Mapping[str, str]) -> Iterator[str]:
    yield "The index answers so after this step:"
    yield "[[steps]]"
    yield toml_line("do", "fail")
    yield toml_line("index", homes.get(seen.project, seen.index))
    yield toml_line("how", "status")
    yield toml_line("status", seen.status)
    yield toml_line("times", "all")
    if seen.kind:
        yield toml_line("kind", seen.kind)
    if seen.project in homes:
        yield toml_line("project", seen.project)
