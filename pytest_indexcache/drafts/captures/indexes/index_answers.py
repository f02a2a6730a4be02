"""Derive the keys of an index table in a scenario from a real index's responses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from packaging.utils import canonicalize_name

from pytest_indexcache.drafts.captures.indexes.page_entries import HASHES, LinkedFile, SeenPage
from pytest_indexcache.drafts.captures.indexes.seen import SeenIndex, SeenResponse
from pytest_indexcache.messages import JSON_V1, Kind

_HEAD_STATUSES: Final = (400, 401, 403, 404, 405, 500, 501, 503)
_UNKNOWN: Final = (401, 403, 404, 410)
_FILES: Final = (Kind.WHEEL, Kind.SDIST)


def index_keys(seen: SeenIndex) -> dict[str, Any]:
    """Return the index keys that concern formats, hashes, links, ranges, HEAD and gzip."""
    pages = list(seen.pages.values())
    entries = list(seen.entries.values())
    keys: dict[str, Any] = {}
    if _never_json(seen):
        keys["formats"] = ["html"]
    elif _only_json(seen):
        keys["formats"] = ["json"]
    if entries:
        keys["metadata"] = sum(entry.has_metadata for entry in entries) * 2 >= len(entries)
        keys["hashes"] = _hashes(entries)
        keys["hrefs"] = _hrefs(entries)
    keys |= _ranges(seen) | _head(seen)
    if pages and not _sends_gzip(seen):
        keys["gzip"] = False
    unknown = [
        response.status
        for response in seen.of(Kind.PAGE, statuses=_UNKNOWN)
        if response.subject.project
    ]
    if unknown and seen.index.login is None:
        keys["unknown-status"] = Counter(unknown).most_common(1)[0][0]
    return keys


def answer_keys(seen: SeenIndex) -> dict[str, Any]:
    """Return the keys of an index's ``answers`` table."""
    keys: dict[str, Any] = {}
    pages = list(seen.pages.values())
    for page in pages:
        known = ("1.0", "1.1") if page.is_json else ("1.0", "1.1", "none")
        version = page.api_version or "none"
        keys["api-version" if page.is_json else "html-version"] = (
            version if version in known else "1.1"
        )
    if pages:
        keys["tells"] = _tells(pages)
        keys["vary"] = False
    answers = seen.of(Kind.PAGE, statuses=(200,), method="GET")
    if answers and all(each.is_chunked for each in answers):
        keys["chunked"] = True
    keys |= _slashes(seen) | _suffix_ranges(seen)
    for name, kinds in (("page-conditions", (Kind.PAGE,)), ("file-conditions", _FILES)):
        conditions = _conditions(seen.of(*kinds))
        if conditions is not None:
            keys[name] = conditions
    return keys


def _never_json(seen: SeenIndex) -> bool:
    """Return whether the index sent HTML to every client that accepts JSON pages."""
    asked = [
        each
        for each in seen.of(Kind.PAGE, statuses=(200,))
        if JSON_V1 in (each.request.get("Accept") or "") and each.page is not None
    ]
    return bool(asked) and not any(each.page and each.page.is_json for each in asked)


def _only_json(seen: SeenIndex) -> bool:
    """Return whether the index sent JSON pages to every client that does not accept them."""
    asked = [
        each
        for each in seen.of(Kind.PAGE, statuses=(200,))
        if "json" not in (each.request.get("Accept") or "json") and each.page is not None
    ]
    return bool(asked) and all(each.page and each.page.is_json for each in asked)


def _hashes(entries: Sequence[LinkedFile]) -> Any:
    named = [name for name in HASHES if any(name in entry.hashes for entry in entries)]
    return named or "none"


def _hrefs(entries: Iterable[LinkedFile]) -> str:
    href = next(iter(entries)).href
    if urlsplit(href).netloc:
        return "absolute"
    return "rooted" if href.startswith("/") else "relative"


def _ranges(seen: SeenIndex) -> dict[str, Any]:
    asked = [each for each in seen.of(*_FILES, method="GET") if "Range" in each.request]
    if asked:
        return {"ranges": any(each.status not in (200, 304) for each in asked)}
    sent = seen.of(*_FILES, statuses=(200,))
    if sent and not any(
        "bytes" in (response.headers.get("Accept-Ranges") or "") for response in sent
    ):
        return {"ranges": False}
    return {}


def _suffix_ranges(seen: SeenIndex) -> dict[str, Any]:
    """Return the key ``suffix-ranges``, or an empty dict if its value is unknown.

    The value is the status with which the index answered a request for the last bytes of a file.
    """
    statuses = [
        each.status
        for each in seen.of(*_FILES, method="GET")
        if (each.request.get("Range") or "").startswith("bytes=-")
    ]
    if not statuses or statuses[0] not in (200, 206, 404, 416, 501):
        return {}
    return {"suffix-ranges": statuses[0]}


def _head(seen: SeenIndex) -> dict[str, Any]:
    refused = [
        response.status
        for response in seen.responses
        if response.method == "HEAD" and response.status >= 400
    ]
    answered = [
        response
        for response in seen.responses
        if response.method == "HEAD" and response.status < 400
    ]
    if refused and not answered and refused[0] in _HEAD_STATUSES:
        return {"head": refused[0]}
    return {}


def _sends_gzip(seen: SeenIndex) -> bool:
    answers = seen.of(Kind.PAGE, statuses=(200,), method="GET")
    return any("gzip" in (answer.headers.get("Content-Encoding") or "") for answer in answers)


def _tells(pages: Sequence[SeenPage]) -> list[str]:
    entries = [entry for page in pages for entry in page.entries]
    seen = {
        "requires-python": any(entry.requires_python for entry in entries),
        "yanked": any(entry.yanked is not None for entry in entries),
        "size": any(entry.size for entry in entries),
        "upload-time": any(entry.upload_time for entry in entries),
        "versions": any(page.tells_versions for page in pages),
    }
    # Pages without yanked files do not show whether the index would list them as yanked; an index
    # that lists Requires-Python is assumed to.
    seen["yanked"] = seen["yanked"] or seen["requires-python"]
    return [name for name, is_present in seen.items() if is_present]


def _conditions(answers: Sequence[SeenResponse]) -> list[str] | None:
    """Return the validators to which the index answers 304.

    ``etag`` stands for If-None-Match, ``date`` for If-Modified-Since. If no request was
    conditional, the result is None.
    """
    asked = [answer for answer in answers if answer.status in (200, 304)]
    by_tag = [response for response in asked if "If-None-Match" in response.request]
    by_date = [
        response
        for response in asked
        if "If-Modified-Since" in response.request and "If-None-Match" not in response.request
    ]
    if not by_tag and not by_date:
        return None
    conditions = (
        ["etag"] if not by_tag or any(response.status == 304 for response in by_tag) else []
    )
    return conditions + (
        ["date"] if not by_date or any(response.status == 304 for response in by_date) else []
    )


def _slashes(seen: SeenIndex) -> dict[str, Any]:
    """Return the statuses of responses to page URLs that are not in canonical form.

    The key ``slash`` is for URLs without a trailing slash, ``unnormalised`` for URLs in which the
    project name is not normalised.
    """
    keys: dict[str, Any] = {}
    for each in seen.of(Kind.PAGE, method="GET"):
        path = urlsplit(each.url).path
        name = path.rstrip("/").rpartition("/")[2]
        if not each.subject.project or each.status in (401, 403, 404, 410):
            continue
        location = each.headers.get("Location")
        leads_back = location is None or _normal(urljoin(each.url, location)) == _normal(each.url)
        if canonicalize_name(name) != name and leads_back:
            keys["unnormalised"] = each.status
        elif not path.endswith("/") and leads_back and each.status != 304:
            keys["slash"] = each.status
    return keys


def _normal(url: str) -> str:
    head, _, name = url.rstrip("/").rpartition("/")
    return f"{head}/{canonicalize_name(name)}"
