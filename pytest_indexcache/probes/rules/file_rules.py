"""Rules for judging how an index serves files and their core metadata."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from pytest_indexcache.probes.battery.pages import plain_body
from pytest_indexcache.probes.battery.seen import Seen
from pytest_indexcache.probes.rules.page_rules import judge_lifetime, judge_validators
from pytest_indexcache.probes.rules.verdicts import Judged, costs, good, wrong
from pytest_indexcache.servers import ServerProfile


def judge_files(seen: Seen, profile: ServerProfile) -> Iterator[Judged]:
    """Yield the judgements on files, in the order in which they are shown."""
    if seen.wheel is None or seen.wheel.status != 200:
        return
    yield from _metadata(seen)
    yield judge_lifetime(profile, "files")
    yield from judge_validators(seen, "wheel")
    yield from _ranges(seen)
    yield from _head(seen)
    yield from _bytes(seen)
    yield from _redirect(seen)
    if "date" not in seen.wheel.headers:
        yield wrong("files.date", "the response with a file has no Date")


def _metadata(seen: Seen) -> Iterator[Judged]:
    answer = seen.answers.get("core metadata")
    is_there = answer is not None and answer.status == 200
    if not seen.announces_metadata:
        text = "served, but not announced" if is_there else "not served separately from the wheel"
        yield costs("files.metadata", text)
    elif not is_there:
        status = answer.status if answer else "no answer"
        yield wrong("files.metadata", f"announced, but not served: {status}")
    elif answer is not None and answer.is_whole and not _is_as_announced(seen, plain_body(answer)):
        yield wrong("files.metadata", "its hash differs from the hash on the page")
    else:
        yield good("files.metadata", "announced and served")


def _is_as_announced(seen: Seen, body: bytes) -> bool:
    """Return whether core metadata matches the SHA-256 on every page that states one."""
    digest = hashlib.sha256(body).hexdigest()
    for page in seen.pages:
        file = seen.listed_wheel(page)
        for value in (file.metadata if file else {}).values():
            named = _sha256_in(value)
            if named and named != digest:
                return False
    return True


def _sha256_in(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value.get("sha256", ""))
    name, _, digest = str(value).partition("=")
    return digest if name == "sha256" else ""


def _ranges(seen: Seen) -> Iterator[Judged]:
    if seen.ranges is None:
        return
    status = seen.status("wheel, first bytes")
    if not seen.ranges:
        claims = "bytes" in seen.field("wheel", "accept-ranges").lower()
        text = f"{status} for a range of the first bytes"
        if claims:
            yield wrong("files.ranges", f"Accept-Ranges: bytes, but {text}")
        else:
            yield costs("files.ranges", text)
        return
    suffix = seen.suffix_status
    text = f"206 for a range of the first bytes, {suffix} for a range of the last bytes"
    yield (good if suffix == 206 else costs)("files.ranges", text)
    beyond = seen.answers.get("wheel, bytes beyond the end")
    if beyond is not None and beyond.status == 416 and "content-range" not in beyond.headers:
        yield costs(
            "files.range-errors",
            "a 416 without Content-Range: the client does not learn the length",
        )
    if seen.status("wheel, a range if it has another ETag") == 206:
        yield wrong("files.if-range", "206 although If-Range has a different ETag")


def _head(seen: Seen) -> Iterator[Judged]:
    head = seen.answers.get("HEAD of a wheel")
    if head is None or seen.wheel is None:
        return
    yield (good if head.status == 200 else costs)("files.head", f"{head.status} for HEAD")
    lengths = head.field("content-length"), seen.wheel.field("content-length")
    if head.status == 200 and all(lengths) and lengths[0] != lengths[1]:
        yield wrong(
            "files.head", f"Content-Length is {lengths[0]} for HEAD, but {lengths[1]} for GET"
        )


def _bytes(seen: Seen) -> Iterator[Judged]:
    wheel = seen.wheel
    if wheel is None:
        return
    if "content-length" not in wheel.headers:
        yield costs(
            "files.length",
            "no Content-Length: a client may take an interrupted download for complete",
        )
    if seen.field("wheel, gzip", "content-encoding"):
        yield costs("files.length", "wheels are compressed a second time, which saves nothing")
    for page in seen.pages:
        file = seen.listed_wheel(page)
        named = file.hashes.get("sha256") if file else None
        asked = (seen.places.wheel or "").endswith(f"/{file.filename}") if file else False
        if named and asked and wheel.is_whole:
            is_same = hashlib.sha256(wheel.body).hexdigest() == named.lower()
            text = "the sha256 of the wheel is the one on the page"
            other = "the sha256 of the wheel differs from the one on the page"
            yield good("files.hash", text) if is_same else wrong("files.hash", other)
            return


def _redirect(seen: Seen) -> Iterator[Judged]:
    if seen.redirect is not None:
        host = urlsplit(seen.places.wheel or "").hostname
        control = seen.redirect.field("cache-control") or "no Cache-Control"
        yield costs("files.redirect", f"{seen.redirect.status} to {host}, with {control}")
