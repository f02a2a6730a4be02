"""Play a scenario, step by step, with one installer."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final

from pytest_indexcache.errors import (
    CapabilityError,
    ContainmentError,
    FakeIndexError,
    GatewayError,
    InstallerError,
    InstallerUnavailableError,
    PlayError,
)
from pytest_indexcache.index.exchanges.handler import Handler
from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.index.previews.filled_files import filled
from pytest_indexcache.index.upstreams.named_upstreams import without_packages
from pytest_indexcache.installers.containment.modes import WITHOUT_CONTAINMENT, PlayContainment
from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.installers.contract.installer import (
    Act,
    ConcurrentInstaller,
    Installer,
    Network,
    Outcome,
    Workspace,
)
from pytest_indexcache.installers.processes.play_processes import guarded
from pytest_indexcache.plain_files import demand_plain
from pytest_indexcache.run.plays.evidence import (
    demand_evidence,
    demand_judgeable,
    demand_transport,
    unasked_exit,
)
from pytest_indexcache.run.plays.records.played_steps import Explain, without_causes
from pytest_indexcache.run.plays.records.step_ledger import StepLedger
from pytest_indexcache.run.plays.results import PlayResult, StepResult, Verdict, verdict_of
from pytest_indexcache.run.plays.steps.at_once import played_at_once
from pytest_indexcache.run.plays.steps.judge import EndedStep, StepJudge
from pytest_indexcache.run.plays.steps.observer import Observer
from pytest_indexcache.run.plays.steps.several import members_of, name_of
from pytest_indexcache.run.plays.transports import Transport, served
from pytest_indexcache.run.plays.workspace.cache_contents import find_entries
from pytest_indexcache.run.plays.workspace.damage import damage_entries
from pytest_indexcache.run.plays.workspace.own_places import OwnPlaces
from pytest_indexcache.run.plays.workspace.workspace_files import WorkspaceFiles
from pytest_indexcache.scenario.checks.index_checks import is_upstream_change
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.model.audience import own_words
from pytest_indexcache.scenario.model.edits import after_step, edited
from pytest_indexcache.scenario.tables.expectation import Expectation
from pytest_indexcache.scenario.tables.steps import (
    AnyStep,
    Damage,
    EdgeStep,
    Edit,
    IndexStep,
    InstallerStep,
    InstallerVerb,
    RemoveVenv,
    StartedStep,
    Together,
)
from pytest_indexcache.scenario.values.listed import ListedBug

_FULL_DISK: Final = (
    os.strerror(errno.ENOSPC),
    os.strerror(errno.EDQUOT),
    "There is not enough space on the disk",  # the Windows message
)
_BROKEN: Final = (ContainmentError, InstallerError, FakeIndexError, GatewayError, PlayError)
_MAKE_ROOM: Final = "free disk space, or name another folder in TMPDIR (--basetemp for pytest)"


@dataclass(frozen=True)
class Play:
    """The arguments for a play: a scenario, its name in reports, an installer and a transport.

    ``transport`` is the name of the transport that ``connect`` creates: ``inprocess`` or ``wire``.
    If ``is_trusted`` is true, the scenario's verbatim commands and files are used even without
    containment.
    """

    scenario: Scenario
    name: str
    installer: Installer
    connect: Transport
    transport: str
    listed: ListedBug = ListedBug.NOT
    explain: Explain = without_causes
    containment: PlayContainment = WITHOUT_CONTAINMENT
    is_trusted: bool = False
    make_indexes: Callable[[Scenario], FakeIndexes] | None = None


def play(what: Play, root: Path) -> PlayResult:
    """Play a scenario in an empty folder and judge it.

    The verdict is ``skipped`` if the installer cannot play the scenario, or if its release was
    selected by a range and cannot be installed. It is ``error`` if the installer is missing or
    unusable, or if the harness failed. Neither verdict says anything about caching.
    """
    started = time.perf_counter()
    what = replace(what, scenario=filled(what.scenario))
    stage = _PlayState(what, Workspace(root, is_contained=what.containment.is_active))
    version = reason = ""
    try:
        version = what.installer.version
        reason = what.installer.lacks(what.scenario) or stage.unchangeable
        verdict = Verdict.SKIPPED
        if not reason:
            steps = stage.play_connected()
            stage.demand_evidence()
            reason = stage.unasked_exit
            verdict = verdict_of(held=all(step.held for step in steps), listed=what.listed)
    except CapabilityError as error:
        verdict, reason = Verdict.SKIPPED, str(error)
    except InstallerUnavailableError as error:
        is_named = not what.installer.spec.is_from_range
        verdict, reason = Verdict.ERROR if is_named else Verdict.SKIPPED, str(error)
    except _BROKEN as error:
        verdict, reason = Verdict.ERROR, str(error)
    except OSError as error:
        verdict, reason = Verdict.ERROR, str(_of_the_disk(error, root))
    commands = sum(step.seconds for step in stage.done)
    return PlayResult(
        scenario=what.name,
        title=what.scenario.title,
        issue=what.scenario.issue,
        tags=tuple(what.scenario.tags),
        installer=str(what.installer.spec),
        installer_version=version,
        transport=what.transport,
        verdict=verdict,
        reason=reason,
        by_chance=what.listed is ListedBug.SOMETIMES,
        containment=what.containment.words,
        steps=tuple(stage.done),
        seconds={"total": time.perf_counter() - started, "commands": commands},
    )


class _PlayState:
    """The state of a play: the indexes, the workspace, and the scenario with all edits so far."""

    def __init__(self, what: Play, workspace: Workspace) -> None:
        scenario = what.scenario
        self.scenario = scenario
        self.installer = what.installer
        self._connect = what.connect
        self._containment = what.containment
        self._is_trusted = what.is_trusted
        self._make_indexes = what.make_indexes
        self.handler: Handler
        self._own_words = own_words(scenario)
        self.workspace = workspace
        self.ledger = StepLedger()
        self.done: list[StepResult] = []
        self._end_strays: Callable[[], None]
        self.unasked_exit = ""
        self._files = WorkspaceFiles(workspace, what.installer)
        self._places = OwnPlaces(workspace, what.installer.spec.name)
        self._observer = Observer(
            workspace, what.installer, self.ledger, self._places, lambda: self.indexes
        )
        self._judge = StepJudge(self._observer, what.explain, [])

    @cached_property
    def indexes(self) -> FakeIndexes:
        """The indexes for the play; by default, the fake indexes that the scenario describes.

        :raises FakeIndexError: if the tables of the indexes have not been checked
        """
        if self._make_indexes is not None:
            return self._make_indexes(self.scenario)
        return FakeIndexes(without_packages(self.scenario.indexes), time.time())

    @property
    def unchangeable(self) -> str:
        """The reason to skip the play if a step would change a running server; otherwise empty."""
        for number, step in enumerate(self.scenario.steps, 1):
            if is_upstream_change(self.scenario, step):
                return f"step {number} changes an index that is a running server"
        return ""

    def play_connected(self) -> tuple[StepResult, ...]:
        """Connect the installer to the indexes, and play the steps."""
        with (
            served(self.indexes, self.scenario, is_trusted=self._is_trusted) as self.handler,
            self._connect(self.handler, self.ledger.record) as network,
        ):
            return self.play_all(network)

    def play_all(self, network: Network) -> tuple[StepResult, ...]:
        """Play the steps, and stop after the first one that fails."""
        self._containment.demand("" if self._is_trusted else self._own_words)
        self._files.begin(self.scenario)
        with guarded(self.workspace) as self._end_strays:
            for number, step in enumerate(self.scenario.steps, 1):
                self.ledger.begin(number)
                network.wait(step.wait_seconds)
                if not self._play(number, step, network).held:
                    break
        return tuple(self.done)

    def _demand_room(self, result: StepResult) -> None:
        """Raise an error if the disk was full, because then nothing can be said about caching."""
        said = " ".join(result.output.split())  # some installers break lines within a message
        full = next((text for text in _FULL_DISK if text in said), None)
        if full is not None:
            raise PlayError(
                f"step {result.number}: the disk of the workspace {self.workspace.root} is full: "
                f"the installer said {full!r}",
                _MAKE_ROOM,
            )

    def demand_evidence(self) -> None:
        """Raise an error if the installer did nothing, because there is nothing to judge then."""
        demand_evidence(self.done, has_written=self._has_written)

    def _has_written(self) -> bool:
        given = {*self.scenario.files, *(path for step in self.done for path in step.files)}
        return self._files.has_written(given)

    def _play(self, number: int, step: AnyStep, network: Network) -> StepResult:
        scenario = self.scenario
        if isinstance(step, InstallerStep | Together):
            return self._play_installer(number, step, network)
        if isinstance(step, IndexStep):
            self.indexes.apply(step, network.clock())
        elif isinstance(step, EdgeStep):
            self.indexes[step.index].apply_to_edge(step, network.clock())
        elif isinstance(step, Edit):
            self.scenario = edited(self.scenario, step)
            self._files.edit(step, self.scenario)
        elif isinstance(step, Damage):
            damage_entries(self.workspace.cache, step, self._cached(step))
        state, nothing = self._observer.state(step), Outcome(ExitKind.SUCCESS, 0, "")
        ended = EndedStep(StartedStep(0, 1, step), state, nothing)
        result = self._judge.judge(number, step, [ended], scenario, {}, 0.0).result
        self.done.append(result)
        return result

    def _play_installer(self, number: int, step: Any, network: Network) -> StepResult:
        """Play a step with the installer, or several steps simultaneously."""
        scenario, members = self.scenario, members_of(step)
        for member_step in {id(member.step): member.step for member in members}.values():
            self._places.demand(member_step, scenario, self._observer.venv(member_step))
            self._files.write_project(scenario, member_step.folder)
        before = [self._observer.state(member.step) for member in members]
        builds = self._files.builds()
        with ExitStack() as connections:
            if isinstance(step, Together):
                acts = [self._prepared(member, connections) for member in members]
            else:
                acts = [self._act(step, network)]
            started = time.perf_counter()
            outcomes = played_at_once(acts)
        if not isinstance(step, RemoveVenv):
            self._end_strays()
            if self.workspace.is_contained and self._own_words:
                demand_plain(self.workspace.root)
        seconds = time.perf_counter() - started
        for member, outcome in zip(members, outcomes, strict=True):
            if outcome.succeeded:
                self.scenario = after_step(self.scenario, member.step)
        made = {k: n for k, n in (self._files.builds() - builds).items() if n}
        ended = [*map(EndedStep, members, before, outcomes)]
        judged = self._judge.judge(number, step, ended, scenario, made, seconds)
        self.done.append(judged.result)
        for its, result in judged.each:
            self._demand_sense(result, its.outcome, its.member.step, step.expect)
        return judged.result

    def _demand_sense(
        self, result: StepResult, outcome: Outcome, step: InstallerStep, expect: Expectation
    ) -> None:
        """Raise an error if the outcome of a step shows nothing about the installer's caching.

        ``expect`` contains the expectations of the step. For one of several simultaneous steps, it
        contains those of the whole ``together`` step.
        """
        name = self.installer.spec.name
        demand_judgeable(result, outcome, step, self.scenario, name)
        demand_transport(result, expect, self.indexes.serves)
        self._demand_room(result)
        unasked = unasked_exit(result, outcome.exit_note, name)
        self.unasked_exit = self.unasked_exit or unasked

    def _act(self, step: InstallerVerb, network: Network) -> Act:
        """Return a function that plays a step."""
        if isinstance(step, RemoveVenv):
            return partial(self._files.remove_venv, self._observer.venv(step))
        play = partial(self.installer.play, step, self.scenario, self.workspace, network)
        return lambda: self._with_release(play())

    def _prepared(self, member: StartedStep, connections: ExitStack) -> Act:
        """Prepare one of several simultaneous steps, and return a function that plays it.

        The step's requests are recognized by its own connection to the indexes.

        :raises CapabilityError: if the installer cannot prepare the step
        """
        if not isinstance(self.installer, ConcurrentInstaller):
            name = self.installer.spec.name
            raise CapabilityError(name, "its adapter cannot play concurrent steps (together)")
        record = partial(self.ledger.record, by=name_of(member))
        network = connections.enter_context(self._connect(self.handler, record))
        act = self.installer.prepare(member.step, self.scenario, self.workspace, network)
        return lambda: self._with_release(act())

    def _with_release(self, outcome: Outcome) -> Outcome:
        return replace(outcome, release=outcome.release or self.installer.version)

    def _cached(self, step: Damage) -> Iterable[Path]:
        """Return the files of the cache entries that a step damages.

        The result is empty if the step specifies a glob instead.

        :raises CapabilityError: if the cache does not contain such an entry
        """
        if step.what is None:
            return ()
        cache, what = self.workspace.cache, step.what
        entries = find_entries(self.installer, cache, self.ledger, what, step.project)
        found = sorted({path for entry in entries for path in entry.files})
        if not found:
            text = f"it does not have {step.target} in its cache, so nothing can be damaged"
            raise CapabilityError(f"{self.installer.spec.name} {self.installer.version}", text)
        return found


def _of_the_disk(error: OSError, root: Path) -> PlayError:
    return PlayError(f"the workspace {root} cannot be used: {error}", _MAKE_ROOM)
