"""Rules that judge how an index serves simple pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal
from urllib.parse import urljoin, urlsplit

from pytest_indexcache.messages import HTML, HTML_V1, JSON_V1
from pytest_indexcache.probes.battery.seen import Seen
from pytest_indexcache.probes.profiles.traits import Lifetime, lifetime_of, line_of
from pytest_indexcache.probes.rules.content_rules import judge_contents
from pytest_indexcache.probes.rules.verdicts import Judged, costs, good, wrong
from pytest_indexcache.servers import ServerProfile

IN_WORDS: dict[Lifetime, str] = {
    "forbidden": "no-store: a cache may not keep them",
    "stale at once": "a cache has to ask before each reuse",
    "guessed": "no lifetime: a cache may guess one from Last-Modified",
    "unknown": "no lifetime, and nothing to guess one from",
    "fresh": "they may be reused for a while",
}


_UNKNOWN: Final = {
    "unknown project, HTML": "unknown page",
    "unknown project, JSON": "unknown page",
    "unknown project without slash": "unknown page without slash",
}
"""The questions about a project that the index does not have, each with its target."""


def judge_pages(seen: Seen, profile: ServerProfile) -> Iterator[Judged]:
    """Yield the judgements about simple pages, in the order in which they are shown."""
    yield from _formats(seen)
    yield from _vary(seen)
    yield _lifetime(profile)
    yield from judge_validators(seen, "page")
    yield from _tags_of_formats(seen)
    yield from _compression(seen)
    yield from _urls(seen)
    yield from judge_contents(seen)


def _formats(seen: Seen) -> Iterator[Judged]:
    forms = " and ".join(page.form.upper() for page in seen.pages)
    if not seen.pages:
        yield wrong("pages.format", "no page that can be read as HTML or JSON")
        return
    text = f"{forms}; version {', '.join(page.version or 'not named' for page in seen.pages)}"
    yield (good if seen.json else costs)("pages.format", text)
    names = {"html": (HTML, HTML_V1), "json": (JSON_V1,)}
    for page in seen.pages:
        question = "page, JSON v1" if page.form == "json" else "page, HTML v1"
        kind = seen.field(question, "content-type").partition(";")[0].strip().lower()
        is_known = kind in names[page.form]
        text = f"{page.form.upper()} is sent as {kind or 'no type'}"
        yield (good if is_known else wrong)("pages.type", text)


def _vary(seen: Seen) -> Iterator[Judged]:
    if not (seen.html and seen.json):
        return
    lines = seen.field("page, text/html", "vary") or seen.field("page, JSON v1", "vary")
    names = {name.strip().lower() for name in lines.split(",")}
    if "accept" not in names and "*" not in names:
        yield wrong(
            "pages.vary", f"the format is chosen by Accept, and Vary is {lines or 'absent'}"
        )
    elif "user-agent" in names or "*" in names:
        yield costs("pages.vary", f"Vary: {lines}: each release of an installer keeps its own page")
    else:
        yield good("pages.vary", f"Vary: {lines}")


def _lifetime(profile: ServerProfile) -> Judged:
    return judge_lifetime(profile, "pages")


def judge_lifetime(profile: ServerProfile, group: Literal["pages", "files"]) -> Judged:
    """Return the judgement about the freshness lifetime of pages or files."""
    fields = profile.fields(group)
    lifetime = lifetime_of(fields)
    sent = line_of(fields, "cache-control") or line_of(fields, "expires")
    text = f"{IN_WORDS[lifetime]} ({sent})" if sent else IN_WORDS[lifetime]
    return (good if lifetime == "fresh" else costs)(f"{group}.lifetime", text)


def judge_validators(seen: Seen, target: str) -> Iterator[Judged]:
    """Yield judgements about the validators of pages or wheels, and about 304 responses."""
    subject = "pages.validators" if target == "page" else "files.validators"
    plain = seen.headers("page, text/html" if target == "page" else "wheel")
    etag, date = plain.get("etag"), plain.get("last-modified")
    if etag and not re.fullmatch(r'(W/)?"[\x21\x23-\x7e\x80-\xff]*"', etag):
        yield wrong(subject, f"the ETag {etag[:60]} has no quotation marks of its own")
    if etag is None and date is None:
        yield costs(subject, "neither ETag nor Last-Modified: what is stale has to come again")
        return
    honoured = {"ETag": seen.honours(target, "ETag")}
    honoured["Last-Modified"] = seen.honours(target, "Last-Modified")
    known = {name: value for name, value in honoured.items() if value is not None}
    if not any(known.values()):
        yield costs(subject, f"no 304 for the {' or the '.join(known)} that it sent")
        return
    names = " and ".join(name for name, value in known.items() if value)
    refused = [name for name, value in known.items() if not value]
    text = f"304 for its own {names}" + (f", and not for its own {refused[0]}" if refused else "")
    yield (costs if refused == ["ETag"] else good)(subject, text)
    yield from _not_modified(seen, target, etag)


def _not_modified(seen: Seen, target: str, etag: str | None) -> Iterator[Judged]:
    subject = "pages.not-modified" if target == "page" else "files.not-modified"
    revalidated = seen.answers.get(f"{target}, its own ETag")
    if etag and revalidated is not None and revalidated.status == 304:
        plain = seen.headers("page, text/html" if target == "page" else "wheel")
        wanted = ("etag", "cache-control", "expires", "vary", "date")
        missing = [name for name in wanted if name in plain and name not in revalidated.headers]
        if missing:
            yield wrong(subject, f"the 304 does not repeat {', '.join(missing)} of the 200")
        else:
            yield good(subject, "the 304 repeats what the 200 has")
    if seen.status(f"{target}, another ETag, its own Last-Modified") == 304:
        yield wrong(subject, "304 for another ETag, because Last-Modified was the same")


def _tags_of_formats(seen: Seen) -> Iterator[Judged]:
    html, json = (seen.field(name, "etag") for name in ("page, text/html", "page, JSON v1"))
    if seen.html and seen.json and html and html == json and not html.startswith("W/"):
        yield wrong("pages.validators", "HTML and JSON have the same strong ETag")


def _compression(seen: Seen) -> Iterator[Judged]:
    if seen.compresses is None:
        return
    text = "compressed for those who accept gzip" if seen.compresses else "never compressed"
    yield (good if seen.compresses else costs)("pages.compression", text)


def _urls(seen: Seen) -> Iterator[Judged]:
    slash = seen.status("page without slash")
    if slash is not None:
        is_fine = slash == 200 or slash in (301, 302, 307, 308)
        text = f"{slash} for a page without the slash at its end"
        yield (good if is_fine else costs)("pages.slash", text)
    spelled = seen.status("page of a name that is not normalised")
    if spelled is not None and seen.places.url_of("unnormalised page") != seen.places.page:
        is_error = spelled >= 500
        text = f"{spelled} for a name that is not normalised"
        yield (wrong if is_error else good)("pages.names", text)
    yield from _unknown(seen)


def _unknown(seen: Seen) -> Iterator[Judged]:
    status = seen.status("unknown project, HTML")
    if status is None:
        return
    text = f"{status} for a project it lacks"
    other = _other_host(seen)
    if other:
        yield wrong("pages.fallback", f"{text}, to {other}: there anybody may register the name")
        return
    is_fine = status == 404 or 300 <= status < 400
    yield (good if is_fine else wrong)("pages.unknown", text)


def _other_host(seen: Seen) -> str:
    """Return the host to which an unknown project's page is redirected; empty for the same host."""
    for question, target in _UNKNOWN.items():
        status, asked = seen.status(question), seen.places.url_of(target)
        location = seen.field(question, "location")
        if status is None or not 300 <= status < 400 or not location or asked is None:
            continue
        try:
            host = urlsplit(urljoin(asked, location)).hostname or ""
        except ValueError:  # an invalid URL leads nowhere
            continue
        if host and host != urlsplit(asked).hostname:
            return host
    return ""
