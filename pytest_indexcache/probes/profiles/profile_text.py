"""Derive a server profile from the answers to a probe: its keys, and its text as TOML."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import tomli_w

from pytest_indexcache.printable import printable
from pytest_indexcache.probes.battery.questions import LATEST
from pytest_indexcache.probes.battery.search import first_of
from pytest_indexcache.probes.battery.seen import Seen
from pytest_indexcache.probes.profiles.fields import profile_fields
from pytest_indexcache.servers import ServerProfile
from pytest_indexcache.servers.profiles import NOT_MODIFIED, parse_profile

UNKNOWN_STATUSES: Final = (401, 403, 404, 410)
HEAD_STATUSES: Final = (400, 401, 403, 404, 405, 500, 501, 503)
REDIRECTS: Final = (301, 302, 307, 308)
_HASHES: Final = ("sha256", "sha512", "md5")


def profile_of(seen: Seen, url: str, day: str) -> tuple[ServerProfile, str]:
    """Return the server profile for an index, and the TOML text of the profile.

    ``url`` is copied into the text, so it must not contain credentials; ``day`` is an ISO date.
    """
    data = profile_data(seen, url, day)
    text = tomli_w.dumps(data)
    return parse_profile(urlsplit(url).hostname or url, text), text


def profile_data(seen: Seen, url: str, day: str) -> dict[str, Any]:
    """Return the keys of a profile; properties that the answers do not show keep their defaults."""
    pages, odd_pages = _fields(seen, "page, text/html", "page, JSON v1", of_file=False)
    files, odd_files = _fields(seen, "wheel", "HEAD of a wheel", of_file=True)
    odd = [f"{name} of pages" for name in odd_pages] + [f"{name} of files" for name in odd_files]
    answers = {key: value for key, value in _answers(seen) if value is not None}
    index: dict[str, Any] = {key: value for key, value in _index(seen) if value is not None}
    data: dict[str, Any] = {
        "title": f"{printable(url, 200)}, as it answered on {day}",
        "not-found": _not_found(seen, odd),
        "sources": [{"url": url, "date": day, "note": f"Probed, by {len(seen.answers)} answers."}],
        "index": {**index, **({"answers": answers} if answers else {})},
        "pages": pages,
        "files": files,
    }
    unknown = seen.status("unknown project, HTML")
    if unknown in UNKNOWN_STATUSES:
        data["unknown-status"] = unknown
    repeats = _repeats(seen)
    return data if repeats is None else {**data, "repeats": repeats}


def _fields(seen: Seen, *questions: str, of_file: bool) -> tuple[dict[str, Any], list[str]]:
    for question in questions:
        answer = seen.answers.get(question)
        if answer is not None and answer.status == 200:
            fields, odd = profile_fields(answer, of_file=of_file)
            lines = {name: list(v) if isinstance(v, tuple) else v for name, v in fields.items()}
            return lines, odd
    return {}, []


def _not_found(seen: Seen, odd: list[str]) -> str:
    notes = ["Fields other than those that a cache or an installer acts on are left out."]
    if seen.places.wheel is None:
        notes.append("The project has no wheel: nothing is known of files.")
    if odd:
        notes.append(f"A profile cannot hold these: {', '.join(odd)}.")
    if seen.redirect is not None:
        notes.append("The wheel is redirected; its fields are those of the last answer.")
    yanked = any("yanked" in file.attributes for page in seen.pages for file in page.files)
    unseen = "" if yanked else "whether yanked files are marked, and "
    notes.append(f"Not seen: {unseen}features that the project does not use.")
    return " ".join(notes)


def _repeats(seen: Seen) -> list[str] | None:
    """Return the fields in a 304, or None if they are the usual ones or if no 304 was seen."""
    for question in ("page, its own ETag", "page, its own Last-Modified"):
        for target in (question, question.replace("page", "wheel")):
            answer = seen.answers.get(target)
            if answer is None or answer.status != 304:
                continue
            plain = seen.headers("page, text/html" if target == question else "wheel")
            names = {name.lower() for name, _ in plain}
            own = {name.lower() for name, _ in answer.headers}
            if {name for name in NOT_MODIFIED if name in names} == own & names:
                return None
            return sorted(own & names)
    return None


def _index(seen: Seen) -> Iterator[tuple[str, Any]]:
    """Yield the keys of ``[indexes.NAME]``; the value None means that a value is unknown."""
    if seen.pages:
        yield "formats", [page.form for page in seen.pages]
        yield "hashes", _named_hashes(seen)
        yield "hrefs", _hrefs(seen)
    yield "metadata", seen.announces_metadata
    yield "ranges", seen.ranges
    yield "gzip", seen.compresses
    head = seen.status("HEAD of a wheel")
    if head in HEAD_STATUSES:
        yield "head", head


def _named_hashes(seen: Seen) -> list[str] | None:
    listed = first_of(seen.pages[0].files, ".whl")
    if listed is None:
        return None
    return [name for name in _HASHES if name in listed.hashes] or ["none"]


def _hrefs(seen: Seen) -> str | None:
    listed = first_of(seen.pages[0].files, ".whl")
    if listed is None:
        return None
    if urlsplit(listed.href).scheme or listed.href.startswith("//"):
        return "absolute"
    return "rooted" if listed.href.startswith("/") else "relative"


def _answers(seen: Seen) -> Iterator[tuple[str, Any]]:
    """Yield the keys of ``answers``; the value None means that a value is unknown."""
    yield from _of_pages(seen)
    yield from _of_places(seen)
    yield from _of_files(seen)


def _of_pages(seen: Seen) -> Iterator[tuple[str, Any]]:
    if seen.json:
        yield "api-version", seen.json.version if seen.json.version in ("1.0", "1.1") else None
        latest = seen.field("page, JSON latest", "content-type")
        yield "latest", "json" in latest if LATEST and latest else None
    if seen.html:
        known = seen.html.version in ("1.0", "1.1")
        yield "html-version", seen.html.version if known else "none"
        yield "html-type", seen.type_of_html
    unacceptable = seen.status("page, no known format")
    yield "unacceptable", unacceptable if unacceptable in (200, 406) else None
    yield "tells", _tells(seen)
    yield from _of_metadata(seen)
    yield "vary", bool(seen.field("page, text/html", "vary")) if seen.html else None
    if seen.html:
        headers = seen.headers("page, text/html")
        yield "chunked", "chunked" in (headers.get("transfer-encoding") or "").lower()
    yield "page-conditions", _conditions(seen, "page")


def _tells(seen: Seen) -> list[str] | None:
    """Return the names of those file properties that pages contain, such as ``size``.

    ``yanked`` is always included, because a page without yanked files does not have to contain it.
    """
    if not seen.pages:
        return None
    given = {name for page in seen.pages for file in page.files for name in file.attributes}
    names = [name for name in ("requires-python", "size", "upload-time") if name in given]
    # PEP 691: the key "yanked" may be absent for files that are not yanked.
    return [*names, "yanked"] + (["versions"] if seen.json and "versions" in seen.json.keys else [])


def _of_metadata(seen: Seen) -> Iterator[tuple[str, Any]]:
    by_form = {page.form: file.metadata for page in seen.pages if (file := seen.listed_wheel(page))}
    if not any(by_form.values()):
        return
    html, json = (len(by_form.get(form, {})) > 1 for form in ("html", "json"))
    yield (
        "metadata-names",
        "both"
        if json or (html and not seen.json)
        else ("both-in-html" if html else "core-metadata"),
    )
    values = [value for names in by_form.values() for value in names.values()]
    yield "metadata-hashes", any(value not in (True, "true") for value in values)


def _conditions(seen: Seen, target: str) -> list[str] | None:
    conditions = {"etag": "ETag", "date": "Last-Modified"}
    answers = {key: seen.honours(target, name) for key, name in conditions.items()}
    if set(answers.values()) == {None}:
        return None
    return [key for key, value in answers.items() if value is not False]


def _of_places(seen: Seen) -> Iterator[tuple[str, Any]]:
    slash = seen.status("page without slash")
    yield "slash", slash if slash in (200, 303, 404, *REDIRECTS) else None
    is_page = {seen.status("page without slash, for pip"), seen.status("page without slash, JSON")}
    yield "slash-for", "browsers" if slash in REDIRECTS and is_page == {200} else None
    spelled = seen.status("page of a name that is not normalised")
    if seen.places.url_of("unnormalised page") != seen.places.page:
        yield "unnormalised", spelled if spelled in (200, 404, 500, *REDIRECTS) else None


def _of_files(seen: Seen) -> Iterator[tuple[str, Any]]:
    yield "file-conditions", _conditions(seen, "wheel")
    since = seen.status("wheel, modified since a time to come")
    if since is not None and seen.honours("wheel", "Last-Modified"):
        yield "exact-dates", since == 200
    if seen.ranges:
        yield from _of_ranges(seen)
    if seen.redirect is not None and seen.redirect.status in (303, *REDIRECTS):
        yield "redirect", seen.redirect.status
    yield "files-path", _files_path(seen)


def _of_ranges(seen: Seen) -> Iterator[tuple[str, Any]]:
    known = (200, 206, 404, 416, 501)
    yield "suffix-ranges", seen.suffix_status if seen.suffix_status in known else None
    if seen.suffix_status == 206:
        long = seen.status("wheel, more last bytes than there are")
        yield "long-suffix", long if long in (206, 416) else None
    several = seen.answers.get("wheel, several ranges")
    if several is not None:
        is_part = several.status == 206 and bool(several.field("content-range"))
        yield "several-ranges", "first" if is_part else 416 if several.status == 416 else "whole"
    wrong = seen.status("wheel, a range that ends before it begins")
    yield "wrong-ranges", wrong if wrong in (200, 400, 416) else None
    head = seen.status("HEAD of a range")
    yield "head-ranges", head == 206 if head in (200, 206) else None
    other = seen.status("wheel, a range if it has another ETag")
    yield "if-range", other != 206 if other is not None else None


def _files_path(seen: Seen) -> str | None:
    """Return the pattern for file paths below the root page; None if projects have no folders."""
    wheel, project = seen.places.wheel or "", seen.places.project
    if not wheel.startswith(seen.places.simple) or seen.redirect is not None:
        return None
    path = unquote(urlsplit(wheel[len(seen.places.simple) :]).path)
    return (
        "{project}/{filename}" if path.startswith(f"{project}/") and path.count("/") == 1 else None
    )
