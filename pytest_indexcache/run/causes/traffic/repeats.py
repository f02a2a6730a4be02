"""Rules that explain why a file was downloaded again, most specific first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit

from pytest_indexcache.messages import Exchange, Kind
from pytest_indexcache.run.causes.facts.freshness import (
    Freshness,
    Reading,
    freshness_of,
    override_of,
)
from pytest_indexcache.run.causes.facts.history import History, Sent, is_page
from pytest_indexcache.run.causes.facts.wording import change_text, listed, reading_text
from pytest_indexcache.run.plays.records.played_steps import PlayedStep
from pytest_indexcache.scenario.tables.steps import (
    ClearCache,
    Damage,
    Delete,
    Install,
    InstallerStep,
    PruneCache,
    Replace,
)


@dataclass(frozen=True)
class Repeat:
    """A request in the failed step, and an earlier response with the same file or page."""

    history: History
    exchange: Exchange
    before: Sent

    @property
    def project(self) -> str:
        """The project to which the file or page belongs, or an empty string."""
        return self.exchange.subject.project or ""

    @property
    def then(self) -> PlayedStep:
        """The earlier step, or the simultaneous step started by it, that downloaded the file."""
        return self.history.played_step(self.before.step).maker(self.before.exchange)

    @property
    def now_step(self) -> str:
        """A phrase for the failed step, such as ``step 3``."""
        return f"step {self.history.number}"


RepeatRule = Callable[[Repeat], str | None]


def _replaced(repeat: Repeat) -> str | None:
    for played in repeat.history.between(repeat.before.step):
        step = played.step
        if isinstance(step, Replace | Delete) and _changed(repeat, played.number):
            return f"step {played.number} {change_text(step)} after it had come in {_then(repeat)}"
    return None


def _changed(repeat: Repeat, number: int) -> bool:
    """Return whether a step changed the contents of the file, or deleted it from its index."""
    subject = repeat.exchange.subject
    index, name = subject.index or "", subject.filename or ""
    before = repeat.history.file(index, name, number)
    after = repeat.history.file(index, name, number + 1)
    return before is not None and (after is None or repr(before.spec) != repr(after.spec))


def taken_away(history: History, sent: Sent) -> str | None:
    """Describe the step that removed or damaged the cache entry for a response, or return None."""
    return _taken_away(Repeat(history, sent.exchange, sent))


def _taken_away(repeat: Repeat) -> str | None:
    between = repeat.history.between(repeat.before.step)
    for played in (begun for several in between for begun in several.begun):
        step = played.step
        if isinstance(step, ClearCache) and (not step.projects or repeat.project in step.projects):
            which = f"of {listed(step.projects)}" if step.projects else "of everything"
            return f"step {played.number} cleared the cache {which} after {_then(repeat)}"
        if isinstance(step, PruneCache):
            option = " with --ci" if step.ci else ""
            return (
                f"step {played.number} pruned the cache{option}, and what {_then(repeat)} had "
                "stored of it was no longer used"
            )
        if isinstance(step, Damage):
            how = "removed" if step.how == "remove" else f"damaged ({step.how})"
            return f"step {played.number} {how} {step.target} in the cache, after {_then(repeat)}"
    for played in repeat.history.current.beside:
        step = played.step
        if isinstance(step, ClearCache) and (not step.projects or repeat.project in step.projects):
            return f"{played.name} of {repeat.now_step} cleared the cache at the same time"
    return None


def _no_cache(repeat: Repeat) -> str | None:
    """Describe which of the two steps bypassed the cache, or return None if both used it."""
    step, then = repeat.history.step, repeat.then.step
    if getattr(then, "no_cache", False):
        return f"{_then(repeat)} was played with no-cache, which stores nothing"
    if getattr(step, "no_cache", False):
        played = f"{repeat.now_step} was played with no-cache"
        return f"{played}, so the response to {_then(repeat)} was not read"
    return None


def _forced_anew(repeat: Repeat) -> str | None:
    """Describe the option of the failed step that forbids reusing the file, or return None."""
    for option in ("refresh", "reinstall"):
        chosen = getattr(repeat.history.step, option, False)
        if chosen is True or (isinstance(chosen, tuple) and repeat.project in chosen):
            instruction = f"{repeat.now_step} was told to {option} it"
            return f"{instruction}, although it had come in {_then(repeat)}"
    return None


def _other_release(repeat: Repeat) -> str | None:
    mine, theirs = repeat.history.current.outcome.release, repeat.then.outcome.release
    if mine and theirs and mine != theirs:
        return (
            f"{repeat.now_step} was played by release {mine}, which did not use the response that "
            f"release {theirs} had received in {_then(repeat)}"
        )
    return None


def _other_python(repeat: Repeat) -> str | None:
    step, then = repeat.history.step, repeat.then.step
    if not (isinstance(step, InstallerStep) and isinstance(then, InstallerStep)):
        return None
    if step.python != then.python:
        names = [other_step.python or "the default Python" for other_step in (step, then)]
        return f"{repeat.now_step} is for Python {names[0]}, and {_then(repeat)} was for {names[1]}"
    return None


def _other_index(repeat: Repeat) -> str | None:
    """Describe the two indexes that led to the same file, or return None if there is only one."""
    mine, theirs = repeat.exchange.subject.index, repeat.before.exchange.subject.index
    if mine != theirs:
        return f"it came from index {mine}, and in {_then(repeat)} from index {theirs}"
    asked = _page_indexes(repeat.history, repeat.history.number, repeat.project)
    asked_then = _page_indexes(repeat.history, repeat.before.step, repeat.project)
    if asked and asked_then and not set(asked) & set(asked_then):
        return (
            f"{repeat.now_step} found it on the page of index {asked[0]}, and {_then(repeat)}, "
            "which had downloaded the same file from the same URL, on that of index "
            f"{asked_then[0]}"
        )
    return None


def _page_indexes(history: History, step: int, project: str) -> list[str]:
    exchanges = history.played_step(step).seen.exchanges
    pages = [e for e in exchanges if is_page(e, None, project) and not e.is_failed]
    return sorted({e.subject.index for e in pages if e.subject.index})


def _other_url(repeat: Repeat) -> str | None:
    here, there = repeat.exchange.url, repeat.before.exchange.url
    if here == there:
        return None
    source = _redirect_to(repeat)
    if urlsplit(here)._replace(query="") == urlsplit(there)._replace(query=""):
        if source is not None:
            return (
                f"index {repeat.exchange.subject.index} redirects it to a signed URL that differs "
                f"each time, so the response to {_then(repeat)} is stored under another URL"
            )
        return f"the query of its URL differs from that of {_then(repeat)}"
    return f"its URL changed: {there} in {_then(repeat)}, now {here}"


def _redirect_to(repeat: Repeat) -> Exchange | None:
    """Return the redirect that led to the URL of the download, or None."""
    for exchange in repeat.history.seen.exchanges:
        location = exchange.response_headers.get("Location")
        if location and urljoin(exchange.url, location) == repeat.exchange.url:
            return exchange
    return None


def _other_credentials(repeat: Repeat) -> str | None:
    mine = repeat.exchange.request_headers.get("Authorization")
    theirs = repeat.before.exchange.request_headers.get("Authorization")
    if mine == theirs:
        return None
    if mine and theirs:
        return (
            f"{repeat.now_step} asked for it with another user or password than {_then(repeat)}; "
            "it is the same file at the same URL"
        )
    which = "with" if mine else "without"
    return f"{repeat.now_step} asked for it {which} a password, unlike {_then(repeat)}"


def _override_not_applied(repeat: Repeat) -> str | None:
    before = repeat.before.exchange
    override = override_of(repeat.history.scenario, before)
    if override is None or not freshness_of(before, repeat.exchange.at, override).is_reusable:
        return None
    plain = freshness_of(before, repeat.exchange.at)
    return (
        f"the project overrides the Cache-Control of files of index {before.subject.index} with "
        f"{override!r}, and that was not applied: the response of {_then(repeat)} said "
        f"{plain.decider}"
    )


def _never_stored(repeat: Repeat) -> str | None:
    """Describe the header field that forbids storing the earlier response, or return None."""
    before = repeat.before.exchange
    override = override_of(repeat.history.scenario, before)
    fresh = freshness_of(before, repeat.exchange.at, override)
    if fresh.reading is not Reading.NOT_STORED:
        return None
    return f"the response of {_then(repeat)} {reading_text(fresh)}"


def _by_header(repeat: Repeat) -> str | None:
    """Describe the header fields that prevent reuse of the earlier response, or return None."""
    before = repeat.before.exchange
    fresh = freshness_of(before, repeat.exchange.at)
    if fresh.is_reusable:
        return None
    text = f"the response of {_then(repeat)} {reading_text(fresh)}"
    notes = [*_condition(repeat, fresh.has_validator), *_known_by_hash(repeat), *_held(repeat)]
    return text + "".join(f", {note}" for note in notes)


def _condition(repeat: Repeat, has_validator: bool) -> list[str]:
    if repeat.exchange.is_conditional:
        return ["and a conditional request was answered with the whole file"]
    return ["and no conditional request was made"] if has_validator else []


def _known_by_hash(repeat: Repeat) -> list[str]:
    """Return a clause saying whether a page gives a hash that identifies the stored file.

    The clause is returned in a list. The list is empty if no page was requested, or if the page
    gives a wrong hash.
    """
    index, name = repeat.exchange.subject.index, repeat.exchange.subject.filename
    asked = repeat.history.pages_here(index, repeat.project)
    file = repeat.history.file(index or "", name or "")
    if not asked or file is None or file.named_hash == "wrong":
        return []
    if file.named_hash == "none":
        return ["and its page names no hash by which it could be recognized"]
    return [f"although its page names the {file.named_hash} by which it could be recognized"]


def _held(repeat: Repeat) -> list[str]:
    before, after = repeat.history.seen.before, repeat.history.seen.after
    held = before.get(repeat.project)
    kept = after.get(repeat.project)
    if held is None or kept is None or held.fingerprint != kept.fingerprint:
        return []
    where = " from that URL" if held.origin == "url" else ""
    return [f"although the venv held {repeat.project} {held.version}{where} and kept it"]


def _locked_with_hash(repeat: Repeat) -> str | None:
    """Return a clause saying that only the later step had the file's hash, from a lockfile.

    The result is None if this is not the case.
    """
    then = repeat.then
    lockfile, name = repeat.history.current.lockfile, repeat.exchange.subject.filename or ""
    installs = isinstance(then.step, Install) and not then.step.require_hashes
    if not installs or lockfile is None or name not in lockfile or "sha256" not in lockfile:
        return None
    return (
        f"{_then(repeat)} installed it without a hash, and {repeat.now_step} uses a lockfile "
        f"that names its sha256, although it is the same file at the same URL and "
        f"{_still(repeat)}"
    )


def _plain_http(repeat: Repeat) -> str | None:
    if urlsplit(repeat.exchange.url).scheme != "http":
        return None
    return (
        f"it came over plain http, without TLS, and the response to {_then(repeat)} was not kept, "
        f"although {_still(repeat)}"
    )


def _although_fresh(repeat: Repeat) -> str | None:
    return f"although {_still(repeat)}, at the same URL, it was not reused"


def _still(repeat: Repeat) -> str:
    fresh = freshness_of(repeat.before.exchange, repeat.exchange.at)
    return f"the response of {_then(repeat)} {reading_text(fresh)}"


def _then(repeat: Repeat) -> str:
    return f"step {repeat.before.step}"


REPEATS: Final[Sequence[RepeatRule]] = (
    _replaced,
    _override_not_applied,
    _never_stored,
    _taken_away,
    _no_cache,
    _forced_anew,
    _other_release,
    _other_index,
    _other_credentials,
    _other_url,
    _by_header,
    _other_python,
    _locked_with_hash,
    _plain_http,
    _although_fresh,
)


def why_again(repeat: Repeat) -> str:
    """Return the rest of a sentence that explains why a file was downloaded again.

    The sentence begins with words such as "downloaded again: ".
    """
    return next(text for rule in REPEATS if (text := rule(repeat)) is not None)


def why_not_kept(repeat: Repeat, fresh: Freshness) -> str | None:
    """Return a clause saying why a stored response, such as a page, was not reused.

    The result is None if no rule applies; then only the header fields can be the reason.
    """
    rules = (_taken_away, _no_cache, _other_release, _other_credentials)
    chosen = rules if fresh.is_reusable else rules[:2]
    return next((text for rule in chosen if (text := rule(repeat)) is not None), None)


def earlier_download(history: History, exchange: Exchange) -> Sent | None:
    """Return the last download, by an earlier step, of a file with the same name, or None."""
    name, kind = exchange.subject.filename, exchange.subject.kind
    if kind not in (Kind.WHEEL, Kind.SDIST):
        return None
    return next(history.earlier(lambda e: e.is_download and e.subject.filename == name), None)
