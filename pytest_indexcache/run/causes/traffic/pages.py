"""Find pages that were used although the index already offered a newer version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.messages import Exchange, Headers
from pytest_indexcache.run.causes.facts.freshness import (
    Freshness,
    Reading,
    freshness_of,
    override_of,
)
from pytest_indexcache.run.causes.facts.history import History, ReleaseChange, Sent, is_page
from pytest_indexcache.run.causes.facts.project_edits import edits_text, locked_option
from pytest_indexcache.run.causes.facts.questions import Cause, Question
from pytest_indexcache.run.causes.facts.wording import (
    answer_of,
    change_text,
    listed,
    options_text,
    page_of,
    reading_text,
)
from pytest_indexcache.run.causes.traffic.counting import needs_nothing
from pytest_indexcache.run.causes.traffic.edges import old_page
from pytest_indexcache.scenario.tables.steps import (
    Add,
    ClearCache,
    Lock,
    Remove,
    Run,
    Sync,
)


@dataclass(frozen=True)
class StoredPage:
    """A page from an earlier step, and the later changes to its project.

    ``validated`` is the number of the last step in which a 304 allowed the page to be reused.
    ``changes`` contains the later changes to the project on this index, with step numbers.
    ``cleared`` is the number of the step that removed the project from the cache.
    """

    index: str
    project: str
    sent: Sent
    fresh: Freshness
    changes: tuple[tuple[int, ReleaseChange], ...]
    validated: int | None = None
    cleared: int | None = None

    @property
    def came(self) -> str:
        """A phrase that names the page and the step that received it."""
        checked = f" and was revalidated in step {self.validated}" if self.validated else ""
        return f"{page_of(self.project, self.index)} that came in step {self.sent.step}{checked}"

    @property
    def age(self) -> str:
        """A clause about the last change to the project since the page was sent.

        The clause is empty if there was no change.
        """
        if not self.changes:
            return ""
        number, change = self.changes[-1]
        return f"it is older than step {number}, which {change_text(change)}"


def stored_page(history: History, index: str, project: str) -> StoredPage | None:
    """Return the last page that an index sent for a project before the failed step, or None."""
    sent = history.last_page(index, project)
    if sent is None:
        return None
    now = max((e.at for e in history.seen.exchanges), default=sent.exchange.at)
    validation = _validation(history, sent)
    latest = _updated(sent.exchange, validation.exchange if validation else None)
    return StoredPage(
        index=index,
        project=project,
        sent=sent,
        fresh=freshness_of(latest, max(now, latest.at), override_of(history.scenario, latest)),
        changes=history.release_changes(index, project, sent.step),
        validated=validation.step if validation else None,
        cleared=_cleared(history, project, sent.step),
    )


def _validation(history: History, sent: Sent) -> Sent | None:
    """Return the last 304 with which a later step revalidated a page, or None."""
    later = history.earlier(lambda e: e.is_revalidated and e.url == sent.exchange.url)
    return next((sent_body for sent_body in later if sent_body.step > sent.step), None)


def _updated(exchange: Exchange, validation: Exchange | None) -> Exchange:
    """Return the response, updated with the header fields of a 304 response (RFC 9111 3.2).

    Without a 304 response, the response is returned unchanged.
    """
    if validation is None:
        return exchange
    fields = validation.response_headers
    kept = exchange.response_headers.without(*(name for name, _ in fields))
    return replace(exchange, at=validation.at, response_headers=Headers((*kept, *fields)))


def _cleared(history: History, project: str, since: int) -> int | None:
    for played in history.between(since):
        step = played.step
        if isinstance(step, ClearCache) and (not step.projects or project in step.projects):
            return played.number
    return None


def reused_pages(history: History, project: str) -> Iterator[StoredPage]:
    """Yield the pages of a project that the failed step reused without requesting them."""
    if history.seen.exit not in (ExitKind.SUCCESS, ExitKind.FAILURE):
        return  # a command that crashed, or rejected its arguments, may have used no page
    if needs_nothing(history) or getattr(history.step, "no_cache", False):
        return
    for index in history.scenario.indexes:
        page = stored_page(history, index, project)
        if page is None or history.pages_here(index, project):
            continue
        if not getattr(history.played_step(page.sent.step).step, "no_cache", False):
            yield page


def stale_page(question: Question, project: str, files: str = "") -> Cause | None:
    """Explain the failed check if the step used a page that is older than a change to its project.

    ``files`` names files from an earlier step that were used together with the page.
    """
    history = question.history
    if goes_by_lockfile(history, project):
        return None
    by_edge = old_page(history, project)
    if by_edge is not None:
        return by_edge
    for page in reused_pages(history, project):
        if page.changes:
            return page_reused(history, page, files)
    return page_not_modified(history, project)


def _condition(exchange: Exchange) -> str:
    """Return a phrase quoting the validator in a request (RFC 9110 13.1), or an empty string."""
    for name in ("If-None-Match", "If-Modified-Since"):
        if name in exchange.request_headers:
            return f" to {name}: {exchange.request_headers.get(name)}"
    return ""


def goes_by_lockfile(history: History, project: str) -> bool:
    """Return whether the step used a project's lockfile entry and left the entry unchanged.

    The result is false for a failed step that had to resolve an edited project.
    """
    step = history.step
    is_edited = bool(edits_text(history, history.lockfile_step or 0)) and not locked_option(history)
    if is_edited and not history.seen.succeeded:
        return False
    # pip resolves again at each lock, regardless of the lockfile
    is_lock = isinstance(step, Lock) and history.current.installer != "pip"
    return (isinstance(step, Sync | Run | Add | Remove) or is_lock) and history.kept_locked(project)


def page_reused(history: History, page: StoredPage, files: str = "") -> Cause:
    """Return the cause for a page that was reused without a request, whether outdated or not."""
    options = options_text(history.step)
    use = f"step {history.number}{options} used it without asking index {page.index}"
    if files:
        use += f", and with it {files} of step {page.sent.step}"
    if page.cleared is not None:
        use += f", although step {page.cleared} cleared it from the cache"
    is_explicit = page.fresh.reading is Reading.FRESH and page.cleared is None
    others = "" if page.fresh.is_reusable else other_overrides(history, page.index)
    parts = (f"{page.came} {reading_text(page.fresh)}{others}", use, page.age)
    return Cause(
        "; ".join(part for part in parts if part),
        origin=page.sent.step,
        decider=page.fresh.decider,
        remedy=_WOULD_BE_ASKED if is_explicit else "",
    )


def other_overrides(history: History, index: str | None) -> str:
    """Return a clause about the user's Cache-Control overrides if they are for other indexes only.

    The result is empty if there are none, or if one applies to this index.
    """
    overridden = [name for name in history.scenario.cache_control if name != index]
    if not overridden or index in history.scenario.cache_control:
        return ""
    return f" (the project overrides Cache-Control only of index {listed(overridden)})"


_WOULD_BE_ASKED = "A page sent with no-cache or max-age=0 would have to be asked for again"


def page_not_modified(history: History, project: str) -> Cause | None:
    """Explain the failure if a 304 in the failed step allowed an outdated page to be reused."""
    for exchange in history.seen.exchanges:
        index = exchange.subject.index
        if not exchange.is_revalidated or index is None or not is_page(exchange, index, project):
            continue
        page = stored_page(history, index, project)
        whole = [e for e in history.pages_here(index, project) if e.status == 200]
        if page is not None and page.changes and not whole:
            made = history.fault_step(exchange)
            reason = f", as step {made} made it do" if made else ""
            return Cause(
                f"{page.came} was revalidated in step {history.number}, and the index answered "
                f"{answer_of(exchange)}{_condition(exchange)}{reason}; {page.age}",
                origin=page.sent.step,
                decider="304",
            )
    return None
