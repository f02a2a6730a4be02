"""Investigate misbehaviour by means of a verbose log, other installers and workarounds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from pytest_indexcache.errors import InstallerSpecError
from pytest_indexcache.installers.commands.adapter import CommandAdapter
from pytest_indexcache.installers.contract.installer import Installer, InstallerSpec
from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.run.investigations.related import (
    alike_variants,
    find_related,
    known_variants,
    related_reports,
)
from pytest_indexcache.run.investigations.results import (
    Investigation,
    RelatedReport,
    TriedWorkaround,
)
from pytest_indexcache.run.investigations.shared_plays import PlannedPlay, SharedPlays
from pytest_indexcache.run.investigations.workarounds import Workaround, workarounds
from pytest_indexcache.run.matrix.cells import Cell, NamedScenario
from pytest_indexcache.run.matrix.circumstances import circumstances
from pytest_indexcache.run.plays.results import MISBEHAVES, PlayResult, StepResult
from pytest_indexcache.run.session import IN_PROCESS, PlaySession, transports_of

Catalogue = Callable[[], Sequence[NamedScenario]]

_VARIANTS: Final = "a variant of the reference installer"
_RELATED: Final = "a scenario of the catalogue, to find related reports"
_LOG_OTHERS_AND_WORKAROUNDS: Final = 5
_MANY_RELATED: Final = 10
"""The estimated number of scenarios to play in order to find related reports."""


@dataclass(frozen=True)
class Investigator:
    """Plays a scenario with an installer, and investigates its misbehaviour.

    ``transport`` applies to installers that run in this process. ``later`` is the estimated number
    of plays that the caller needs after the investigation.
    """

    scenario: NamedScenario
    transport: str
    plays: SharedPlays
    later: int = 0

    def first(self, installer: Installer, session: PlaySession) -> Investigation:
        """Play the scenario with an installer, and return an investigation of this play only."""
        play = self._planned(f"{installer.spec}", installer)
        self.plays.watcher.plan(1)
        further = len(known_variants()) + _LOG_OTHERS_AND_WORKAROUNDS + _MANY_RELATED
        self.plays.watcher.expect(further + self.later)
        self.plays.watcher.begin(play.name)
        with TemporaryDirectory(prefix="indexcache-report-", ignore_cleanup_errors=True) as root:
            result = session.play(
                self.scenario.scenario,
                self.scenario.name,
                installer,
                play.cell.transport,
                Path(root),
                is_trusted=self.scenario.is_trusted,
            )
        self.plays.keep(play, result)
        where = circumstances()
        python = self.scenario.scenario.python or where.python
        return Investigation(result, where.platform, python, where.harness)

    def further(
        self,
        first: Investigation,
        installer: Installer,
        others: Sequence[Installer],
        catalogue: Catalogue,
    ) -> Investigation:
        """Complete an investigation with a log, other installers, workarounds and related reports.

        An investigation of a play that does not misbehave is returned unchanged. ``catalogue``
        returns the scenarios to search for related reports.
        """
        failed = first.play.failed_step
        if failed is None or first.play.verdict not in MISBEHAVES:
            return first
        compared = [self._planned(f"{other.spec}", other) for other in others]
        tried = list(self._workarounds(installer, failed))
        log = list(self._log_plays(installer))
        variants = {play.cell.spec: play for play in self._variant_plays()}
        changed = [play for _, play, _ in tried if play is not None]
        self.plays.watcher.expect(_MANY_RELATED + self.later)
        # Installers that have to be provisioned come first, and the shortest plays last.
        self.plays.results([*compared, *log, *changed, *variants.values()])
        self.plays.watcher.expect(self.later)
        return replace(
            first,
            log=self._log(failed, log),
            repeated=next((self.plays.result(play) for play in log), None),
            others=tuple(self.plays.results(compared)),
            workarounds=tuple(self._tried(failed, *workaround) for workaround in tried),
            related=self._related(first.play, variants, catalogue),
        )

    def _log_plays(self, installer: Installer) -> Iterator[PlannedPlay]:
        if isinstance(installer, CommandAdapter):
            play = self._planned(f"{installer.spec}, with its log", installer)
            yield replace(play, is_verbose=True)

    def _log(self, failed: StepResult, plays: Iterable[PlannedPlay]) -> str:
        """Return the verbose log of the failed step.

        If no verbose play failed at the same step, return the output of the first play instead.
        """
        for play in plays:
            step = self.plays.result(play).failed_step
            if step is not None and step.number == failed.number:
                return step.output
        return failed.output

    def _workarounds(
        self, installer: Installer, failed: StepResult
    ) -> Iterator[tuple[Workaround, PlannedPlay | None, str]]:
        """Yield each workaround with its play, or with the reason why it is not played."""
        for tried in workarounds(self.scenario.scenario, failed, installer.spec.name):
            if tried.scenario is None:
                yield tried, None, tried.reason
            elif reason := installer.lacks(tried.scenario):
                yield tried, None, reason
            else:
                changed = replace(self.scenario, scenario=tried.scenario)
                name = f"{installer.spec}, with: {tried.name}"
                yield tried, self._planned(name, installer, changed), ""

    def _tried(
        self, failed: StepResult, tried: Workaround, play: PlannedPlay | None, reason: str
    ) -> TriedWorkaround:
        result = None if play is None else self.plays.result(play)
        steps = () if result is None else result.steps
        command = next((step.command for step in steps if step.number == failed.number), "")
        return TriedWorkaround(tried.name, result, command, reason, tried.is_override)

    def _variant_plays(self) -> Iterator[PlannedPlay]:
        for spec in known_variants():
            try:
                installer = create_installer(spec)
            except InstallerSpecError:
                continue
            yield self._planned(_VARIANTS, installer, transport=IN_PROCESS)

    def _related(
        self, result: PlayResult, variants: dict[str, PlannedPlay], catalogue: Catalogue
    ) -> tuple[RelatedReport, ...]:
        """Return the related reports, after playing the scenarios that may be related."""

        def play(spec: InstallerSpec) -> PlayResult | None:
            planned = variants.get(str(spec))
            return None if planned is None else self.plays.result(planned)

        def of_catalogue(scenario: NamedScenario, spec: InstallerSpec) -> PlannedPlay:
            untrusted = replace(scenario, is_trusted=False)
            return PlannedPlay(_RELATED, Cell(untrusted, create_installer(spec), IN_PROCESS))

        alike = alike_variants(result, play)
        own = self.scenario.scenario
        candidates = find_related(own, alike, catalogue()) if alike else ()
        plays = [
            of_catalogue(candidate.scenario, spec)
            for candidate in candidates
            for spec in candidate.specs
        ]
        self.plays.results(plays)
        return related_reports(
            result, candidates, lambda related, spec: self.plays.result(of_catalogue(related, spec))
        )

    def _planned(
        self,
        name: str,
        installer: Installer,
        scenario: NamedScenario | None = None,
        transport: str | None = None,
    ) -> PlannedPlay:
        (chosen,) = transports_of(installer, transport or self.transport)
        return PlannedPlay(name, Cell(scenario or self.scenario, installer, chosen))
