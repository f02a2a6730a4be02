"""Find redirects in a log: redirects between pages, and from files to signed URLs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from packaging.utils import canonicalize_name

from pytest_indexcache.drafts.indexes.answer_facts import SeenStatus
from pytest_indexcache.drafts.logs.events import LogEvent
from pytest_indexcache.drafts.words.index_urls import key_of, parent_of_page

STATUSES: Final = (301, 302, 303, 307, 308)
USUAL_STATUS: Final = 302
"""The status of a redirect in a scenario that does not set one."""


@dataclass(frozen=True)
class PageRedirect:
    """A redirect from a project's page to another index.

    ``source`` and ``target`` are the URLs of the two indexes.
    """

    project: str
    source: str
    target: str
    page: str
    status: int


def page_redirects(events: Iterable[LogEvent]) -> Iterator[PageRedirect]:
    """Yield the redirects that lead to a page of the same project on another index."""
    for event in events:
        status, _, target = event.detail.partition(" ")
        if event.kind not in ("answered", "redirected") or not target or not status.isdigit():
            continue
        homes = parent_of_page(event.url), parent_of_page(target)
        names = {
            canonicalize_name(url.rstrip("/").rpartition("/")[2]) for url in (event.url, target)
        }
        is_other = all(homes) and key_of(homes[0]) != key_of(homes[1])
        if is_other and len(names) == 1 and int(status) in STATUSES:
            yield PageRedirect(names.pop(), *homes, target, int(status))


def signed_folder(statuses: Sequence[SeenStatus], index: str) -> tuple[str, int] | None:
    """Return the folder of the signed URLs to which an index redirects file requests.

    The second value is the status of the redirect. If there is no such redirect, the result is
    None.
    """
    for seen in statuses:
        is_file = seen.kind in ("wheel", "sdist") and seen.status in STATUSES
        if seen.index == index and is_file and seen.is_signed:
            return f"{seen.target.rpartition('/')[0]}/", seen.status
    return None
