"""Pages that were used although the index has newer ones; for every check that comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pytest_indexcache.run.causes.facts.freshness import (
    Freshness,
    Reading,
    freshness_of,
    override_of,
)
from pytest_indexcache.run.causes.facts.history import History, ReleaseChange, Sent
from pytest_indexcache.run.causes.facts.questions import Cause, Question
from pytest_indexcache.run.causes.facts.wording import change_text, page_of, reading_text
from pytest_indexcache.scenario.tables.steps import ClearCache


@dataclass(frozen=True)
class StoredPage:
    """A page that came in an earlier step, and what happened to its project since.

    ``changes`` are the steps since then that changed the project on this index, with their
    numbers, ``cleared`` is the step that removed the project from the cache.
    """

    index: str
    project: str
    sent: Sent
    fresh: Freshness
    changes: tuple[tuple[int, ReleaseChange], ...]
    cleared: int | None = None

    @property
    def is_old(self) -> bool:
        """Whether the project changed on the index after the page came."""
        return bool(self.changes)


def stored_page(history: History, index: str, project: str) -> StoredPage | None:
    """Return the last page of a project that came from an index before the step that failed."""
    sent = history.last_page(index, project)
    if sent is None:
        return None
    now = max((e.at for e in history.seen.exchanges), default=sent.exchange.at)
    override = override_of(history.scenario, sent.exchange)
    fresh = freshness_of(sent.exchange, now, override)
    changes = history.release_changes(index, project, sent.step)
    return StoredPage(index, project, sent, fresh, changes, _cleared(history, project, sent.step))


def _cleared(history: History, project: str, since: int) -> int | None:
    for played in history.between(since):
        step = played.step
        if isinstance(step, ClearCache) and (not step.projects or project in step.projects):
            return played.number
    return None


def reused_pages(history: History, project: str) -> Iterator[StoredPage]:
    """Yield the pages of a project that the step did not ask for, and that came before."""
    for index in history.scenario.indexes:
        page = stored_page(history, index, project)
        if page is not None and not history.pages_here(index, project):
            yield page


def stale_page(question: Question, project: str) -> Cause | None:
    """Return the cause where a page was used without asking, and its project has changed since."""
    history = question.history
    for page in reused_pages(history, project):
        if page.is_old:
            return page_reused(history, page)
    return None


def page_reused(history: History, page: StoredPage) -> Cause:
    """Return the cause that a page was used without asking, whether the index changed or not."""
    came = f"{page_of(page.project, page.index)} that came in step {page.sent.step}"
    use = f"step {history.number} used it without asking index {page.index}"
    if page.cleared is not None:
        use += f", although step {page.cleared} cleared it from the cache"
    older = ""
    if page.changes:
        number, change = page.changes[-1]
        older = f"; it is older than step {number}, which {change_text(change)}"
    remedy = ""
    if page.fresh.reading is Reading.FRESH and page.cleared is None:
        remedy = "A page sent with no-cache or max-age=0 would have to be asked for again"
    return Cause(
        f"{came} {reading_text(page.fresh)}; {use}{older}",
        origin=page.sent.step,
        decider=page.fresh.decider,
        remedy=remedy,
    )
