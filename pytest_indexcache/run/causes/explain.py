"""Why a step did what was not expected: the cause in a sentence, with the header that made it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from pytest_indexcache.messages import Exchange, Headers, Request
from pytest_indexcache.reference.cache_policy import why_not_stored
from pytest_indexcache.reference.http.cache_freshness import (
    StoredResponse,
    current_age,
    freshness_lifetime,
)
from pytest_indexcache.run.plays.expectations import Observation
from pytest_indexcache.run.plays.ledger import Ledger
from pytest_indexcache.run.plays.results import Check
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.steps import ClearCache, Delete, Replace

MOST_CAUSES = 3


def explained(
    checks: Sequence[Check], seen: Observation, scenario: Scenario, ledger: Ledger, step: int
) -> tuple[Check, ...]:
    """Return the checks, those that do not hold with their causes."""
    history = _History(seen, scenario, ledger, step)
    return tuple(
        check if check.held else replace(check, causes=tuple(history.causes(check)))
        for check in checks
    )


@dataclass(frozen=True)
class _History:
    seen: Observation
    scenario: Scenario
    ledger: Ledger
    step: int

    def causes(self, check: Check) -> Iterator[str]:
        """Yield the causes of one check, at most a few."""
        topic, _, subject = check.key.partition(".")
        if topic in ("downloads", "nominal"):
            yield from self._traffic(subject)
        elif topic in ("requests", "requests-to"):
            yield from self._requests(check.key)
        elif topic == "exit":
            yield from self._exit()
        elif topic in ("installed", "added", "removed", "builds-of", "origin", "editable"):
            yield from self._venv(subject)

    # -- downloads -----------------------------------------------------------------------------

    def _traffic(self, pattern: str) -> Iterator[str]:
        downloads = [
            exchange
            for exchange in self.seen.exchanges
            if exchange.is_download and _concerns(exchange, pattern)
        ]
        for exchange in downloads[:MOST_CAUSES]:
            yield self._why_downloaded(exchange)
        if len(downloads) > MOST_CAUSES:
            yield f"and {len(downloads) - MOST_CAUSES} more downloads"
        if not downloads:
            yield self._why_missing(pattern)

    def _why_downloaded(self, exchange: Exchange) -> str:
        name = exchange.subject.filename or exchange.url
        again = [one for one in self.seen.exchanges if one.is_download and one.url == exchange.url]
        if len(again) > 1 and exchange is not again[0]:
            return f"{name} was downloaded {len(again)} times in this one step"
        number, earlier = self._earlier_download(exchange)
        if earlier is None:
            return f"{name} was downloaded for the first time: no step before asked for it"
        event = self._event_since(number, exchange)
        if event:
            return f"{name} was downloaded again: {event}"
        return f"{name} was downloaded again: {self._why_not_reused(number, earlier, exchange)}"

    def _earlier_download(self, exchange: Exchange) -> tuple[int, Exchange | None]:
        for number, earlier in self.ledger.before(self.step):
            if earlier.is_download and earlier.subject.filename == exchange.subject.filename:
                return number, earlier
        return 0, None

    def _event_since(self, number: int, exchange: Exchange) -> str | None:
        """Say what happened in between that makes a second download right, or None."""
        project = exchange.subject.project
        for place, step in enumerate(self.scenario.steps[number : self.step - 1], number + 1):
            if isinstance(step, ClearCache) and (not step.projects or project in step.projects):
                return f"step {place} cleared the cache"
            if isinstance(step, Replace | Delete) and step.project == project:
                return f"step {place} changed the file on index {step.index} ({step.do})"
        return None

    def _why_not_reused(self, number: int, earlier: Exchange, exchange: Exchange) -> str:
        index = earlier.subject.index or "?"
        override = self.scenario.cache_control.get(index)
        headers = earlier.response_headers
        said = _said(headers)
        if override is not None and override.files is not None:
            return (
                f"the project overrides the cache-control of files of index {index} with "
                f"{override.files!r}, which was not applied to the response of step {number} "
                f"({said})"
            )
        request = Request(earlier.method, earlier.url, earlier.request_headers)
        reason = why_not_stored(request, earlier.status or 0, headers)
        if reason is not None:
            return (
                f"in step {number} {reason}, so it was not stored ({said}); "
                f"no override for index {index}; {self._hash_note(index)}"
            )
        stored = StoredResponse(
            url=earlier.url,
            status=earlier.status or 0,
            headers=headers,
            request_time=earlier.at,
            response_time=earlier.at,
        )
        lifetime, age = freshness_lifetime(stored), current_age(stored, exchange.at)
        if lifetime > age:
            left = f"{lifetime - age:.0f} s"
            return f"although the response of step {number} is fresh for {left} more ({said})"
        asked = "a conditional request" if exchange.is_conditional else "no conditional request"
        return (
            f"the response of step {number} was stale, of lifetime {lifetime:.0f} s and age "
            f"{age:.0f} s ({said}), and {asked} was made; {self._hash_note(index)}"
        )

    def _hash_note(self, index: str) -> str:
        known = self.scenario.indexes.get(index)
        if known is None or known.hashes in ("none", "wrong"):
            return "its page names no hash by which a stored wheel could be known again"
        return f"its page names the {known.hashes} of the file, by which it could be known again"

    def _why_missing(self, pattern: str) -> str:
        failed = [one for one in self.seen.exchanges if one.is_failed and _concerns(one, pattern)]
        if failed:
            one = failed[0]
            return f"{one.method} {one.url} failed: {_outcome(one)}"
        if not self.seen.succeeded:
            return "the installer failed before it asked for it"
        for number, earlier in self.ledger.before(self.step):
            if earlier.is_download and _concerns(earlier, pattern):
                name, said = earlier.subject.filename, _said(earlier.response_headers)
                return f"{name} came in step {number} ({said}) and was reused"
        return "the installer asked no index for it, in this step or before"

    # -- requests ------------------------------------------------------------------------------

    def _requests(self, key: str) -> Iterator[str]:
        parts = key.split(".")
        index = parts[1] if parts[0] == "requests-to" else None
        own = [one for one in self.seen.exchanges if index in (None, one.subject.index)]
        if not own:
            yield f"no request reached {'any index' if index is None else f'index {index}'}"
        for exchange in own[:MOST_CAUSES]:
            yield self._why_asked(exchange)

    def _why_asked(self, exchange: Exchange) -> str:
        for number, earlier in self.ledger.before(self.step):
            if earlier.url == exchange.url and earlier.status == 200:
                override = self.scenario.cache_control.get(earlier.subject.index or "")
                note = f"; override {override.pages!r}" if override and override.pages else ""
                how = "revalidated" if exchange.is_conditional else "asked for again"
                said = _said(earlier.response_headers)
                return f"{exchange.url} was {how}: step {number} got {said}{note}"
        return f"{exchange.url} was asked for, which no step before had got"

    # -- outcome and venv ----------------------------------------------------------------------

    def _exit(self) -> Iterator[str]:
        failed = [exchange for exchange in self.seen.exchanges if exchange.is_failed]
        for exchange in failed[:MOST_CAUSES]:
            yield f"{exchange.method} {exchange.url}: {_outcome(exchange)}"
        if self.seen.succeeded:
            yield self._why_succeeded()
        lines = [line.strip() for line in self.seen.output.splitlines() if line.strip()]
        if not self.seen.succeeded and lines:
            yield f"the installer said: {lines[-1]}"

    def _why_succeeded(self) -> str:
        downloads = [one for one in self.seen.exchanges if one.is_download]
        if downloads:
            names = ", ".join(one.subject.filename or one.url for one in downloads[:MOST_CAUSES])
            fault = next((one.subject.fault for one in downloads if one.subject.fault), None)
            note = f", served with the fault {fault}" if fault else ""
            return f"the installer accepted {names}{note}"
        asked = len(self.seen.exchanges)
        return f"the installer found what it needed in what it stored, with {asked} requests"

    def _venv(self, project: str) -> Iterator[str]:
        before, after = self.seen.before.get(project), self.seen.after.get(project)
        asked = any(exchange.subject.project == project for exchange in self.seen.exchanges)
        if before and after and before.fingerprint == after.fingerprint:
            note = "" if asked else ", and no index was asked for it"
            yield (
                f"the venv held {project} {before.version} (from {before.origin}) before the step, "
                f"and the installer kept it{note}"
            )
        elif not self.seen.succeeded:
            yield "the installer failed"


def _concerns(exchange: Exchange, pattern: str) -> bool:
    names = (exchange.subject.project or "", exchange.subject.filename or "")
    return not pattern or any(fnmatchcase(name, pattern) for name in names)


def _said(headers: Headers) -> str:
    """Return the fields that decide on storing and freshness, as they came."""
    names = ("cache-control", "expires", "pragma", "age")
    said = [f"{name}: {headers.get(name)}" for name in names if name in headers]
    if "cache-control" not in headers:
        said.insert(0, "no cache-control")
    return ", ".join(said)


def _outcome(exchange: Exchange) -> str:
    subject = exchange.subject
    if subject.refused:
        return f"refused, {subject.refused}"
    fault = f", fault {subject.fault}" if subject.fault else ""
    return f"status {exchange.status}{fault}, {exchange.sent} of {exchange.length} bytes"
