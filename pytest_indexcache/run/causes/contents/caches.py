"""Rules that explain an unexpected size or unexpected contents of the installer's cache."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pytest_indexcache.installers.contract.caches import CachedEntry
from pytest_indexcache.messages import Exchange, Kind
from pytest_indexcache.run.causes.facts.freshness import freshness_of, override_of
from pytest_indexcache.run.causes.facts.history import History, Sent
from pytest_indexcache.run.causes.facts.questions import Cause, Question, Rule
from pytest_indexcache.run.causes.facts.wording import file_of, listed, reading_text
from pytest_indexcache.scenario.tables.steps import ClearCache, Damage, NetworkStep
from pytest_indexcache.scenario.values.patterns import name_matcher

_KINDS: Final = {
    "page": (Kind.PAGE,),
    "metadata": (Kind.METADATA,),
    "wheel": (Kind.WHEEL, Kind.SDIST),
    "unpacked": (Kind.WHEEL, Kind.SDIST),
}
"""Maps each kind of cache entry to the kinds of responses from which it may have been created."""


def is_there(question: Question) -> Cause | None:
    """Return a cause that names the unexpected cache entries.

    The cause also names the first step that received a response for any of them. If a later step
    removed entries from the cache, the cause mentions that step, too.
    """
    history, check = question.history, question.check
    entries = _entries(question)
    if not entries or check.excess is False:
        return None
    names = listed(sorted(entry.name for entry in entries))
    kinds = _KINDS.get(check.subject, tuple(Kind))
    sent = _sent(history, kinds, [entry.project for entry in entries])
    came = f", which came in step {sent[0].step}" if sent else ""
    cleared = _clearing(history, sent[0].step if sent else 0)
    although = cleared and f", although {cleared}"
    return Cause(f"after step {history.number} the cache has {names}{came}{although}")


def is_not_there(question: Question) -> Cause | None:
    """Return a cause that explains why an expected cache entry is missing."""
    history, check = question.history, question.check
    if check.excess is not False:
        return None
    kinds = _KINDS.get(check.subject, tuple(Kind))
    matches = name_matcher(check.field or "*")
    sent = [
        sent_body
        for sent_body in _sent(history, kinds)
        if matches(sent_body.exchange.subject.project or "")
        or matches(sent_body.exchange.subject.filename or "")
    ]
    if not sent:
        what = f"response of kind {check.subject}" if check.subject else "response"
        whose = f" of {check.field}" if check.field else ""
        return Cause(f"no {what}{whose} was sent in full up to step {history.number}")
    last = max(sent, key=lambda body: (body.step, file_of(body.exchange)))
    cleared = _clearing(history, last.step)
    if cleared:
        return Cause(f"{_came(last)}, and {cleared}")
    step = history.played_step(last.step).step
    if isinstance(step, NetworkStep) and step.no_cache:
        return Cause(f"{_came(last)}, which was played with no-cache")
    override = override_of(history.scenario, last.exchange)
    fresh = freshness_of(last.exchange, last.exchange.at, override)
    return Cause(f"{_came(last)}; its response {reading_text(fresh)}")


def largest(question: Question) -> Cause | None:
    """Return a cause that lists the largest responses so far, which explain the cache size."""
    history = question.history
    sent = _sent(history, tuple(Kind))
    total = sum(sent_body.exchange.sent for sent_body in sent)
    largest = sorted(sent, key=lambda body: -body.exchange.sent)
    names = listed(
        [f"{file_of(sent_body.exchange)} ({sent_body.exchange.sent} B)" for sent_body in largest]
    )
    return Cause(
        f"the indexes sent {total} B in {len(sent)} responses up to step {history.number}"
        f"{names and f', the largest being {names}'}{_then(_clearing(history, 0))}"
    )


def _then(cleared: str) -> str:
    return cleared and f"; {cleared}"


def _entries(question: Question) -> list[CachedEntry]:
    """Return the cache entries that match the check."""
    check, cached = question.check, question.history.seen.cached
    kinds = [check.subject] if check.subject else [*cached]
    entries = [entry for kind in kinds for entry in cached.get(kind, ())]
    matches = name_matcher(check.field or "*")
    return [entry for entry in entries if matches(entry.project or "") or matches(entry.name)]


def _sent(
    history: History, kinds: Sequence[Kind], projects: Sequence[str | None] | None = None
) -> list[Sent]:
    """Return the complete responses of the given kinds, up to and including the failed step.

    The oldest response comes first. ``projects`` restricts the result to these projects.
    """
    return [
        Sent(played.number, exchange)
        for played in history.played
        for exchange in played.seen.exchanges
        if exchange.subject.kind in kinds
        and _is_whole(exchange)
        and (projects is None or exchange.subject.project in projects)
    ]


def _is_whole(exchange: Exchange) -> bool:
    return exchange.method == "GET" and exchange.status == 200 and exchange.is_complete


def _came(sent: Sent) -> str:
    return f"{file_of(sent.exchange)} came in step {sent.step}"


def _clearing(history: History, since: int) -> str:
    """Describe the first step, from step ``since`` onwards, that removed cache entries.

    The result is empty if no step did.
    """
    for played in history.played:
        step = played.step
        if played.number >= since and isinstance(step, ClearCache):
            what = f" of {listed(step.projects)}" if step.projects else ""
            return f"step {played.number} cleared the cache{what}"
        if played.number >= since and isinstance(step, Damage) and step.how == "remove":
            return f"step {played.number} removed {step.target} from the cache"
    return ""


CACHED: Final[Sequence[Rule]] = (is_there, is_not_there)
"""The rules for checks on cache entries, most specific first."""

CACHE_BYTES: Final[Sequence[Rule]] = (largest,)
"""The rules for checks on the size of the cache."""
