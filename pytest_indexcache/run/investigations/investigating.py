"""Investigate a misbehaviour with a verbose log, other installers and workarounds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from pytest_indexcache.installers.commands.adapter import CommandAdapter
from pytest_indexcache.installers.contract.installer import Installer, InstallerSpec
from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.run.investigations.related import alike_variants, related_reports
from pytest_indexcache.run.investigations.results import (
    Investigation,
    RelatedReport,
    TriedWorkaround,
)
from pytest_indexcache.run.investigations.workarounds import workarounds
from pytest_indexcache.run.matrix.cells import NamedScenario
from pytest_indexcache.run.matrix.circumstances import circumstances
from pytest_indexcache.run.plays.results import MISBEHAVES, PlayResult, StepResult
from pytest_indexcache.run.session import IN_PROCESS, PlaySession, transports_of
from pytest_indexcache.scenario.model import Scenario


@dataclass(frozen=True)
class Investigator:
    """Plays a scenario with an installer, and investigates its misbehaviour.

    ``transport`` applies to installers that run in this process; ``tell`` is called with a
    description of each play before it starts.
    """

    session: PlaySession
    scenario: NamedScenario
    transport: str
    tell: Callable[[str], None]

    def first(self, installer: Installer) -> Investigation:
        """Play the scenario with an installer, and return an investigation of this play only."""
        self.tell(f"{installer.spec} plays")
        result = self._play(self.scenario.scenario, installer)
        where = circumstances()
        python = self.scenario.scenario.python or where.python
        return Investigation(result, where.platform, python, where.harness)

    def further(
        self,
        first: Investigation,
        installer: Installer,
        others: Iterable[Installer],
        catalogue: Callable[[], Sequence[Scenario]],
    ) -> Investigation:
        """Complete an investigation with a log, other installers, workarounds and related reports.

        An investigation of a play that does not misbehave is returned unchanged. ``catalogue``
        returns the scenarios to search for related reports.
        """
        failed = first.play.failed_step
        if failed is None or first.play.verdict not in MISBEHAVES:
            return first
        return replace(
            first,
            log=self._log(installer, failed),
            others=tuple(self._other(it) for it in others),
            workarounds=tuple(self._workarounds(installer, failed)),
            related=self._related(first.play, catalogue),
        )

    def _log(self, installer: Installer, failed: StepResult) -> str:
        """Return the log of the failed step, as detailed as the installer allows."""
        if not isinstance(installer, CommandAdapter):
            return failed.output
        self.tell(f"{installer.spec} plays with its log")
        verbose = copy(installer)
        verbose.is_verbose = True
        steps = self._play(self.scenario.scenario, verbose).steps
        return next((it.output for it in steps if it.number == failed.number), "")

    def _other(self, installer: Installer) -> PlayResult:
        self.tell(f"{installer.spec} plays")
        return self._play(self.scenario.scenario, installer)

    def _workarounds(self, installer: Installer, failed: StepResult) -> Iterable[TriedWorkaround]:
        for tried in workarounds(self.scenario.scenario, failed, installer.spec.name):
            reason, result, command = tried.reason, None, ""
            if tried.scenario is not None:
                reason = installer.lacks(tried.scenario) or ""
            if tried.scenario is not None and not reason:
                self.tell(f"{installer.spec} plays with: {tried.name}")
                result = self._play(tried.scenario, installer)
                commands = (it.command for it in result.steps if it.number == failed.number)
                command = next(commands, "")
            yield TriedWorkaround(tried.name, result, command, reason, tried.is_override)

    def _related(
        self,
        result: PlayResult,
        catalogue: Callable[[], Sequence[Scenario]],
    ) -> tuple[RelatedReport, ...]:
        self.tell("variants of the reference installer play")

        def play(spec: InstallerSpec) -> PlayResult:
            return self._play(self.scenario.scenario, create_installer(spec), IN_PROCESS)

        variants = alike_variants(result, play)
        if not variants:
            return ()
        self.tell("scenarios of the catalogue play, to find related reports")

        def play_other(scenario: Scenario, spec: InstallerSpec) -> PlayResult:
            return self._play(scenario, create_installer(spec), IN_PROCESS, is_trusted=False)

        own = self.scenario.scenario
        return related_reports(own, result, variants, catalogue(), play_other)

    def _play(
        self,
        scenario: Scenario,
        installer: Installer,
        transport: str | None = None,
        *,
        is_trusted: bool | None = None,
    ) -> PlayResult:
        """Play in a new folder, which is removed afterwards.

        If ``is_trusted`` is None, the setting of the investigated scenario applies.
        """
        (chosen,) = transports_of(installer, transport or self.transport)
        with TemporaryDirectory(prefix="indexcache-report-", ignore_cleanup_errors=True) as root:
            return self.session.play(
                scenario,
                self.scenario.name,
                installer,
                chosen,
                Path(root),
                is_trusted=self.scenario.is_trusted if is_trusted is None else is_trusted,
            )
