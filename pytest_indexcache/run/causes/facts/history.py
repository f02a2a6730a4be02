"""The history of a play up to the failed step, with methods to query it.

The history provides only facts, such as earlier events and the state of indexes and lockfiles. The
rules draw conclusions from these facts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.index.offers.offer import Offer
from pytest_indexcache.index.offers.published import PublishedFile
from pytest_indexcache.messages import Exchange, Kind
from pytest_indexcache.run.plays.records.observation import Observation
from pytest_indexcache.run.plays.records.played_steps import PlayedStep
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.changes import Delete, Fail, Publish, Replace, Yank
from pytest_indexcache.scenario.tables.steps import AnyStep, Compile, IndexStep, SyncRequirements

ReleaseChange = Publish | Replace | Yank | Delete
"""A step that changes entries on a simple page."""


@dataclass(frozen=True)
class Sent:
    """An exchange, and the number of the step in which it occurred."""

    step: int
    exchange: Exchange


@dataclass(frozen=True)
class History:
    """All steps that were played, up to and including the failed one."""

    played: Sequence[PlayedStep]

    # -- the failed step ----------------------------------------------------------------------

    @property
    def current(self) -> PlayedStep:
        """The step that failed."""
        return self.played[-1]

    @property
    def number(self) -> int:
        """The number of the failed step, from 1."""
        return self.current.number

    @property
    def step(self) -> AnyStep:
        """The failed step, as written in the scenario."""
        return self.current.step

    @property
    def scenario(self) -> Scenario:
        """The scenario as it was when the failed step began."""
        return self.current.scenario

    @property
    def seen(self) -> Observation:
        """The observed effects of the failed step."""
        return self.current.seen

    @property
    def installer(self) -> str:
        """The release of the installer that ran the failed step."""
        return self.current.outcome.release

    # -- other steps -------------------------------------------------------------------------------

    def played_step(self, number: int) -> PlayedStep:
        """Return a step by its number."""
        return self.played[number - 1]

    def between(self, earlier: int, later: int | None = None) -> tuple[PlayedStep, ...]:
        """Return the steps after ``earlier`` and before ``later`` (by default, the failed step)."""
        stop = self.number if later is None else later
        return tuple(step for step in self.played if earlier < step.number < stop)

    def release_changes(
        self, index: str | None, project: str | None, since: int
    ) -> tuple[tuple[int, ReleaseChange], ...]:
        """Return the changes to a project's releases on an index after step ``since``, in order.

        Each item consists of the number of the step that made the change, and the step itself.
        """
        return tuple(
            (played.number, played.step)
            for played in self.between(since)
            if isinstance(played.step, ReleaseChange)
            and played.step.index == index
            and played.step.project == project
        )

    def fault_step(self, exchange: Exchange) -> int | None:
        """Return the number of the last step that introduced the fault in an exchange, or None."""
        subject = exchange.subject
        made = [
            played.number
            for played in self.between(0)
            if isinstance(played.step, Fail)
            and (played.step.how, played.step.index) == (subject.fault, subject.index)
        ]
        return made[-1] if made else None

    # -- exchanges ---------------------------------------------------------------------------------

    def earlier(self, matches: Callable[[Exchange], bool]) -> Iterator[Sent]:
        """Yield the matching exchanges from all earlier steps, latest first."""
        for played in reversed(self.played[:-1]):
            for exchange in reversed(played.seen.exchanges):
                if matches(exchange):
                    yield Sent(played.number, exchange)

    def last_page(self, index: str, project: str) -> Sent | None:
        """Return the last complete page that an index sent for a project before the failed step.

        The result is None if there was no such page.
        """
        pages = self.earlier(
            lambda exchange: is_page(exchange, index, project) and is_whole(exchange)
        )
        return next(pages, None)

    def pages_here(self, index: str | None, project: str) -> tuple[Exchange, ...]:
        """Return the exchanges in which the failed step requested a project's page."""
        return tuple(e for e in self.seen.exchanges if is_page(e, index, project))

    # -- what the indexes have ---------------------------------------------------------------------

    @cached_property
    def _offers(self) -> dict[int, Mapping[str, Offer]]:
        """Everything that each index can serve at the start of each step.

        The keys are step numbers, and then index names.
        """
        first = self.played[0].scenario.indexes
        indexes = FakeIndexes(first)
        found: dict[int, Mapping[str, Offer]] = {}
        for played in self.played:
            found[played.number] = {name: indexes[name].offer for name in first}
            if isinstance(played.step, IndexStep):
                indexes.apply(played.step)
        return found

    def offers(self, before: int | None = None) -> Mapping[str, Offer]:
        """Return everything that each index can serve at the start of a step.

        ``before`` is the number of the step (by default, the failed step).
        """
        return self._offers[self.number if before is None else before]

    def files(
        self, index: str, project: str, before: int | None = None
    ) -> tuple[PublishedFile, ...]:
        """Return the files that an index offered for a project at the start of a step.

        ``before`` is the number of the step (by default, the failed step).
        """
        offer = self.offers(before).get(index)
        listing = offer.listings.get(project) if offer else None
        return listing.files if listing else ()

    def file(self, index: str, filename: str, before: int | None = None) -> PublishedFile | None:
        """Return the file that an index offered under this name at the start of a step, or None.

        ``before`` is the number of the step (by default, the failed step).
        """
        offer = self.offers(before).get(index)
        files = offer.files.values() if offer else ()
        return next((file for file in files if file.filename == filename), None)

    # -- lockfiles ---------------------------------------------------------------------------------

    @property
    def lockfile_before(self) -> str | None:
        """The text of the lockfile at the start of the failed step, or None if there was none."""
        return self.seen.lockfile_before

    @property
    def lockfile_step(self) -> int | None:
        """The number of the last earlier step that changed the lockfile, or None if no step did.

        A requirements file that ``compile`` writes counts as a separate lockfile.
        """
        for played in reversed(self.played[:-1]):
            is_same = _is_of_requirements(played.step) is _is_of_requirements(self.step)
            has_changed = played.lockfile not in (None, played.seen.lockfile_before)
            if is_same and has_changed:
                return played.number
        return None

    def locked_versions(self, project: str, *, before: bool) -> tuple[str, ...]:
        """Return the locked versions of a project, before or after the failed step."""
        text = self.lockfile_before if before else self.current.lockfile
        pattern = rf'name = "{re.escape(project)}"\nversion = "([^"]+)"'
        return tuple(re.findall(pattern, text or ""))

    def kept_locked(self, project: str) -> bool:
        """Return whether a step without ``upgrade`` kept the locked version of a project."""
        if getattr(self.step, "upgrade", False):
            return False
        versions = self.locked_versions(project, before=True)
        return bool(versions) and versions == self.locked_versions(project, before=False)


def is_page(exchange: Exchange, index: str | None, project: str) -> bool:
    """Return whether a request is for the page that lists a project's files.

    That is the project's own page or, on an index without project pages, its only page.
    """
    subject = exchange.subject
    return (
        subject.kind is Kind.PAGE
        and subject.project in (project, None)
        and index in (subject.index, None)
    )


def is_whole(exchange: Exchange) -> bool:
    """Return whether a response is complete, and could therefore be stored."""
    return exchange.method == "GET" and exchange.status == 200 and exchange.is_complete


def _is_of_requirements(step: AnyStep) -> bool:
    """Return whether a step uses a requirements file rather than the project's lockfile."""
    return isinstance(step, Compile | SyncRequirements)
