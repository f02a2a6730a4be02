"""Write redirects as keys of the ``[indexes.NAME]`` tables in a draft."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_indexcache.drafts.files.project_files import DraftIndex
from pytest_indexcache.drafts.indexes.answer_facts import SeenStatus
from pytest_indexcache.drafts.indexes.placements import Placement
from pytest_indexcache.drafts.indexes.redirects import USUAL_STATUS, PageRedirect, signed_folder
from pytest_indexcache.drafts.texts.remarks import to_be_read
from pytest_indexcache.drafts.texts.toml_text import toml_key, toml_line
from pytest_indexcache.drafts.words.index_urls import key_of


def redirect_keys(placement: Placement, index: DraftIndex) -> Iterator[str]:
    """Yield an index's keys ``signed-urls`` and ``answers``, if it redirects requests."""
    signed = signed_folder(placement.facts.statuses, index.name)
    statuses = [each.status for each in _of(placement, index)] + ([signed[1]] if signed else [])
    if signed:
        yield to_be_read("the log has files redirected to signed URLs")
        yield toml_line("signed-urls", signed[0])
    if statuses and statuses[0] != USUAL_STATUS:
        yield toml_line("answers", {"redirect": statuses[0]})


def redirected_pages(placement: Placement, index: DraftIndex) -> Iterator[str]:
    """Yield a table for each page that an index redirects to another index."""
    for each in _of(placement, index):
        yield f"[{toml_key('indexes', index.name, 'pages', each.project)}]"
        yield toml_line("redirect", each.page)


def is_written(placement: Placement, seen: SeenStatus) -> bool:
    """Return whether the draft's keys already express a redirect in the log."""
    index = next((each for each in placement.indexes if each.name == seen.index), None)
    if index is None or not seen.target:
        return False
    is_page = any(each.page == seen.target for each in _of(placement, index))
    return is_page or (seen.is_signed and signed_folder([seen], index.name) is not None)


def _of(placement: Placement, index: DraftIndex) -> list[PageRedirect]:
    """Return the redirects from an index to another index that serves the project in the draft."""
    homes = {(each.release.project, each.index) for each in placement.releases}
    found = []
    for each in placement.redirects:
        target = placement.named(each.target)
        is_served = target is not None and (each.project, target.name) in homes
        if key_of(each.source) == key_of(index.url) and is_served:
            found.append(each)
    return found
