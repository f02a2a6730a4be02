"""Rules for judging how an index serves simple pages."""

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
    "forbidden": "no-store: caches must not store them",
    "stale at once": "a cache must revalidate them before each reuse",
    "guessed": "no lifetime: a cache may estimate one from Last-Modified",
    "unknown": "no lifetime, and no Last-Modified to estimate one from",
    "fresh": "caches may reuse them without asking",
}


_UNKNOWN: Final = {
    "unknown project, HTML": "unknown page",
    "unknown project, JSON": "unknown page",
    "unknown project without slash": "unknown page without slash",
}
"""The questions about a project that does not exist, each with its target."""


def judge_pages(seen: Seen, profile: ServerProfile) -> Iterator[Judged]:
    """Yield the judgements on simple pages, in the order in which they are shown."""
    yield from _formats(seen)
    yield from _vary(seen)
    yield _lifetime(profile)
    yield from judge_validators(seen, "page")
    yield from _tags_of_formats(seen)
    yield from _compression(seen)
    yield from _urls(seen)
    yield from judge_contents(seen)


def _formats(seen: Seen) -> Iterator[Judged]:
    if not seen.pages:
        yield wrong("pages.format", "no page could be read as HTML or JSON")
        return
    forms = [f"{page.form.upper()} (API version {page.version or 'absent'})" for page in seen.pages]
    yield (good if seen.json else costs)("pages.format", " and ".join(forms))
    names = {"html": (HTML, HTML_V1), "json": (JSON_V1,)}
    for page in seen.pages:
        question = "page, JSON v1" if page.form == "json" else "page, HTML v1"
        kind = seen.field(question, "content-type").partition(";")[0].strip().lower()
        is_known = kind in names[page.form]
        text = f"the Content-Type of {page.form.upper()} is {kind or 'absent'}"
        yield (good if is_known else wrong)("pages.type", text)


def _vary(seen: Seen) -> Iterator[Judged]:
    if not (seen.html and seen.json):
        return
    lines = seen.field("page, text/html", "vary") or seen.field("page, JSON v1", "vary")
    names = {name.strip().lower() for name in lines.split(",")}
    if "accept" not in names and "*" not in names:
        yield wrong("pages.vary", f"the format depends on Accept, but Vary is {lines or 'absent'}")
    elif "user-agent" in names or "*" in names:
        yield costs(
            "pages.vary", f"Vary: {lines}: each release of an installer stores its own copy"
        )
    else:
        yield good("pages.vary", f"Vary: {lines}")


def _lifetime(profile: ServerProfile) -> Judged:
    return judge_lifetime(profile, "pages")


def judge_lifetime(profile: ServerProfile, group: Literal["pages", "files"]) -> Judged:
    """Return the judgement on the freshness lifetime of pages or files."""
    fields = profile.fields(group)
    lifetime = lifetime_of(fields)
    sent = line_of(fields, "cache-control") or line_of(fields, "expires")
    text = f"{IN_WORDS[lifetime]} ({sent})" if sent else IN_WORDS[lifetime]
    return (good if lifetime == "fresh" else costs)(f"{group}.lifetime", text)


def judge_validators(seen: Seen, target: str) -> Iterator[Judged]:
    """Yield judgements on the validators of pages or wheels, and on 304 responses."""
    subject = "pages.validators" if target == "page" else "files.validators"
    plain = seen.headers("page, text/html" if target == "page" else "wheel")
    etag, date = plain.get("etag"), plain.get("last-modified")
    if etag and not re.fullmatch(r'(W/)?"[\x21\x23-\x7e\x80-\xff]*"', etag):
        yield wrong(subject, f"the ETag {etag[:60]} is not in quotation marks")
    if etag is None and date is None:
        yield costs(
            subject, f"neither ETag nor Last-Modified: a stale {target} is downloaded again"
        )
        return
    honoured = {"ETag": seen.honours(target, "ETag")}
    honoured["Last-Modified"] = seen.honours(target, "Last-Modified")
    known = {name: value for name, value in honoured.items() if value is not None}
    if not any(known.values()):
        yield costs(subject, f"no 304 for the {' or the '.join(known)} that the server sent")
        return
    names = " and ".join(name for name, value in known.items() if value)
    refused = [name for name, value in known.items() if not value]
    text = f"304 for {names}" + (f", but not for {refused[0]}" if refused else "")
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
            yield wrong(
                subject, f"the 304 does not repeat these fields of the 200: {', '.join(missing)}"
            )
        else:
            yield good(subject, "the 304 repeats the fields of the 200")
    if seen.status(f"{target}, another ETag, its own Last-Modified") == 304:
        yield wrong(subject, "304 for a different ETag, because Last-Modified was the same")


def _tags_of_formats(seen: Seen) -> Iterator[Judged]:
    html, json = (seen.field(name, "etag") for name in ("page, text/html", "page, JSON v1"))
    if seen.html and seen.json and html and html == json and not html.startswith("W/"):
        yield wrong("pages.validators", "HTML and JSON have the same strong ETag")


def _compression(seen: Seen) -> Iterator[Judged]:
    if seen.compresses is None:
        return
    text = "compressed for clients that accept gzip" if seen.compresses else "never compressed"
    yield (good if seen.compresses else costs)("pages.compression", text)


def _urls(seen: Seen) -> Iterator[Judged]:
    slash = seen.status("page without slash")
    if slash is not None:
        is_fine = slash == 200 or slash in (301, 302, 307, 308)
        text = f"{slash} for a page URL without the final slash"
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
    text = f"{status} for an unknown project"
    other = _other_host(seen)
    if other:
        yield wrong("pages.fallback", f"{text}, to {other}: anybody may register the name there")
        return
    is_fine = status == 404 or 300 <= status < 400
    yield (good if is_fine else wrong)("pages.unknown", text)


def _other_host(seen: Seen) -> str:
    """Return the other host to which requests for an unknown project are redirected, or ""."""
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
