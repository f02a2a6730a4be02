"""Find fallback indexes, to which an index redirects requests for projects it does not have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Final
from urllib.parse import unquote, urljoin, urlsplit

from packaging.utils import canonicalize_name

from pytest_indexcache.drafts.captures.indexes.seen import (
    METADATA,
    CapturedIndex,
    SeenIndex,
    SeenResponse,
    is_same_index,
    seen_indexes,
)
from pytest_indexcache.messages import Kind, Subject

_REDIRECTS: Final = (301, 302, 303, 307, 308)


def fallback_url(response: SeenResponse) -> str:
    """Return the URL of the other index to which a page is redirected, or "" if there is none.

    The URL has a trailing slash. Redirects within a host do not count.
    """
    location = response.headers.get("Location")
    subject = response.subject
    if location is None or response.status not in _REDIRECTS or subject.kind is not Kind.PAGE:
        return ""
    target = urljoin(response.url, location)
    folder, _, name = target.partition("?")[0].rstrip("/").rpartition("/")
    is_elsewhere = urlsplit(target).netloc != urlsplit(response.url).netloc
    is_page = subject.project and canonicalize_name(unquote(name)) == subject.project
    return f"{folder}/" if is_elsewhere and is_page else ""


def with_fallbacks(
    indexes: Sequence[CapturedIndex], responses: Iterable[SeenResponse]
) -> tuple[SeenIndex, ...]:
    """Return all indexes with their responses, including indexes reached only through redirects."""
    seen = seen_indexes(indexes, responses)
    answers = [each for index in seen for each in index.responses]
    urls = dict.fromkeys(url for each in answers if (url := fallback_url(each)))
    known = [index.url for index in indexes]
    others = [
        url for url in urls if not any(is_same_index(url, known_name) for known_name in known)
    ]
    used = {index.name for index in indexes}
    names = (name for number in count(1) if (name := f"fallback{number}") not in used)
    added = tuple(
        CapturedIndex(name, url.rstrip("/"), is_explicit=True, is_fallback=True)
        for url, name in zip(others, names, strict=False)
    )
    if not added:
        return seen
    moved = [_moved(response, added) for response in answers]
    files = {
        entry.url: each.subject.index
        for each in moved
        if each.page is not None
        for entry in each.page.entries
    }
    return seen_indexes((*indexes, *added), (_of_page(response, files) for response in moved))


def _moved(response: SeenResponse, fallbacks: Iterable[CapturedIndex]) -> SeenResponse:
    """Assign a response to a fallback index if the response's URL is a page on that index.

    Other responses are returned unchanged.
    """
    for index in fallbacks:
        head, _, rest = response.url.partition(f"{index.url}/")
        name = unquote(rest.strip("/"))
        if not head and name and "/" not in name and response.subject.filename is None:
            subject = Subject(Kind.PAGE, index.name, canonicalize_name(name))
            return replace(response, subject=subject)
    return response


def _of_page(response: SeenResponse, files: Mapping[str, str | None]) -> SeenResponse:
    """Assign a response for a file to the index whose page links to this file.

    ``files`` maps URLs to index names. Other responses are returned unchanged.
    """
    url = response.url.partition("?")[0].removesuffix(METADATA)
    index = files.get(url)
    if response.subject.filename is None or index is None:
        return response
    return replace(response, subject=replace(response.subject, index=index))
