"""The adapter for the bundled reference installer, which plays steps in this process."""

from __future__ import annotations

import io
import shlex
from collections.abc import Iterable, Mapping, Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from pytest_indexcache import __version__
from pytest_indexcache.errors import (
    CapabilityError,
    InstallerSpecError,
    ReferenceInstallerError,
    UsageError,
)
from pytest_indexcache.installers.commands.caches.layouts import reference_cache
from pytest_indexcache.installers.commands.dialect import compiled_file
from pytest_indexcache.installers.commands.exits import CommandExit
from pytest_indexcache.installers.commands.locks.lockfiles import read_pylock
from pytest_indexcache.installers.commands.locks.universal_locks import (
    UNIVERSAL,
    WITHOUT_HASHES,
    expects_no_hashes,
    locked_for_others,
)
from pytest_indexcache.installers.commands.step_commands import TIMED_OUT
from pytest_indexcache.installers.commands.step_states import unknown_entries, with_state
from pytest_indexcache.installers.contract.caches import CachedEntry, CacheQuery
from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.installers.contract.installer import (
    Act,
    InstallerSpec,
    LockedPackage,
    Network,
    Outcome,
    Workspace,
)
from pytest_indexcache.installers.processes.isolation import clean_environment, write_in_workspace
from pytest_indexcache.installers.processes.play_processes import (
    ReferenceContainment,
    working_processes,
)
from pytest_indexcache.installers.processes.step_limits import (
    DEFAULT_LIMITS,
    ReachedLimit,
    StepLimits,
)
from pytest_indexcache.installers.processes.step_watch import StepEnded, StepWatch
from pytest_indexcache.installers.provisioning.home import cache_home
from pytest_indexcache.installers.provisioning.pythons import demand_pythons, scenario_pythons
from pytest_indexcache.installers.reference.command_line import PROGRAM, words_of
from pytest_indexcache.installers.reference.project import project_file
from pytest_indexcache.reference.commands.command_line import parse_words
from pytest_indexcache.reference.commands.dispatch import run_command
from pytest_indexcache.reference.commands.session import Settings
from pytest_indexcache.reference.lock.lockfile import LOCKFILE_NAME
from pytest_indexcache.reference.words.behaviour import CORRECT
from pytest_indexcache.reference.words.variants import VARIANTS
from pytest_indexcache.scenario.model import step_number
from pytest_indexcache.scenario.model.audience import why_not_for
from pytest_indexcache.scenario.model.edits import links_into_cache
from pytest_indexcache.scenario.tables import steps as verbs
from pytest_indexcache.system.confinement import Confine, Confinement, unconfined
from pytest_indexcache.system.pythons.interpreter import running_interpreter

if TYPE_CHECKING:
    from pytest_indexcache.scenario.model import Scenario
    from pytest_indexcache.scenario.tables.steps import AnyStep, InstallerVerb


class ReferenceAdapter:
    """The reference installer or one of its variants; ``limits`` apply to each step."""

    is_embedded = True
    version = __version__

    def __init__(self, spec: InstallerSpec, *, limits: StepLimits = DEFAULT_LIMITS) -> None:
        self.spec = spec
        self.limits = limits
        _check_spec(spec)

    def lockfile_of(self, step: AnyStep) -> str:
        """Return the name of the lockfile that a step writes or reads in a project's folder."""
        return compiled_file(step) or LOCKFILE_NAME

    def lacks(self, scenario: Scenario) -> str | None:
        """Return the reason why this installer cannot play a scenario, or None if it can."""
        reason = why_not_for(scenario, self.spec.name)
        if reason:
            return reason
        for place, step in scenario.every_step:
            number = step_number(place)
            if isinstance(step, verbs.Command):
                return f"step {number}: reference does not play verbatim commands"
            if isinstance(step, verbs.InstallerStep) and step.release:
                return f"step {number}: reference has no release {step.release_of(self.spec.name)}"
            if isinstance(step, verbs.NetworkStep) and step.python_platform:
                return f"step {number}: reference resolves only for its own platform"
            if getattr(step, "config_settings", None):
                return f"step {number}: reference passes no config settings to build backends"
            if getattr(step, "index_strategy", None) == "unsafe-first-match":
                return f"step {number}: reference has no index strategy unsafe-first-match"
        unknown = unknown_entries(scenario, _KEEPS)
        if unknown is not None:
            return f"reference has no known place of {unknown} in its cache"
        for current, verb in with_state(scenario):
            if expects_no_hashes(verb):
                return f"reference has no {WITHOUT_HASHES}"
            project = locked_for_others(verb, current)
            if project:
                return f"reference has no {UNIVERSAL}: {project} is expected there"
            if current.project.environments or current.project.required_environments:
                return "reference resolves only for its own environment"
            if links_into_cache(current):
                return "reference copies files into venvs, without links into its cache"
        try:
            demand_pythons(scenario, self.spec.name)
        except CapabilityError as error:
            return error.problem
        return None

    def write_project(self, scenario: Scenario, folder: str, workspace: Workspace) -> None:
        """Write ``pyproject.toml`` with a table for the reference installer."""
        text = scenario.project_files.get("reference") or project_file(scenario)
        write_in_workspace(workspace, workspace.folder(folder) / "pyproject.toml", text)

    def play(
        self, step: InstallerVerb, scenario: Scenario, workspace: Workspace, network: Network
    ) -> Outcome:
        """Play a step by running the reference installer in this process."""
        return self.prepare(step, scenario, workspace, network)()

    def prepare(
        self, step: InstallerVerb, scenario: Scenario, workspace: Workspace, network: Network
    ) -> Act:
        """Return a function that plays a step; nothing has to be prepared."""
        variant = self.spec.variant
        return _ReferenceStep(step, scenario, workspace, network, variant, self.limits).play

    def cached_entries(self, cache: Path, query: CacheQuery) -> Iterable[CachedEntry]:
        """Return the entries of the installer's cache that match a query."""
        return reference_cache(cache, query)

    def locked(self, folder: Path) -> Mapping[str, tuple[LockedPackage, ...]]:
        """Return the packages in ``pylock.toml``, keyed by project."""
        return read_pylock(folder / LOCKFILE_NAME)


_KEEPS: Final = frozenset(("page", "metadata", "wheel"))
"""The kinds of cache entries that the reference installer stores."""

_parsing: Final = Lock()
"""A lock to hold while parsing, because argparse's output is captured for the whole process."""


def _no_wait(seconds: float) -> None:
    """Return without waiting, because retrying later would not change a fake index's response."""


def _check_spec(spec: InstallerSpec) -> None:
    """Raise InstallerSpecError if a spec contains a release, a path or an unknown variant."""
    if spec.releases or spec.path:
        raise InstallerSpecError(
            str(spec), "the reference installer has one release", "write reference:VARIANT"
        )
    if spec.variant and spec.variant not in VARIANTS:
        near = get_close_matches(spec.variant, VARIANTS, n=1)
        hint = f"did you mean reference:{near[0]}?" if near else f"variants: {', '.join(VARIANTS)}"
        raise InstallerSpecError(str(spec), f"there is no variant {spec.variant!r}", hint)


@dataclass(frozen=True)
class _ReferenceStep:
    """A step to be played by the reference installer."""

    step: Any
    scenario: Scenario
    workspace: Workspace
    network: Network
    variant: str | None
    limits: StepLimits
    lines: list[str] = field(default_factory=list)
    journal: list[str] = field(default_factory=list)

    def play(self) -> Outcome:
        """Play the step; the step fails if the reference installer raises an error."""
        words = words_of(self.step, self.scenario, self.variant)
        exit_code, ended = self._within_limit(words)
        project = self.folder / "pyproject.toml"
        shown = project.relative_to(self.workspace.root).as_posix()
        files = {shown: project.read_text(encoding="utf-8")} if project.is_file() else {}
        return Outcome(
            exit=ended.kind,
            exit_code=exit_code,
            command=shlex.join([*PROGRAM, *words]),
            output="\n".join(self.lines),
            files=files,
            journal=tuple(self.journal),
            release=__version__,
            exit_note=ended.note,
        )

    def _within_limit(self, words: Sequence[str]) -> tuple[int, CommandExit]:
        """Run a command line, and end the command if it reaches a limit."""
        with StepWatch(self.limits, (self.workspace.root,), working_processes) as watch:
            try:
                exit_code, kind = self._done(words, watch)
            except StepEnded:
                exit_code, kind = TIMED_OUT, ExitKind.HANG
        if watch.reached is None:
            return exit_code, CommandExit(kind)
        self.lines.append(f"[ended: {watch.reached.words}]")
        return TIMED_OUT, CommandExit(watch.reached.kind, watch.reached.words)

    def _done(self, words: Sequence[str], watch: StepWatch) -> tuple[int, ExitKind]:
        """Run a command line; return its exit code and how it exited."""
        refused = io.StringIO()
        try:
            with _parsing, redirect_stderr(refused):
                options = parse_words(words, self.folder)
            code = run_command(options, self._settings(watch))
        except SystemExit:
            self.lines.extend(refused.getvalue().splitlines())
            return 2, ExitKind.USAGE
        except ReferenceInstallerError as error:
            self.lines.append(f"error: {error}")
            return 2 if isinstance(error, UsageError) else 1, ExitKind.FAILURE
        return code, ExitKind.FAILURE if code else ExitKind.SUCCESS

    @property
    def folder(self) -> Path:
        """The project's folder, in which the command is run."""
        return self.workspace.folder(self.step.folder)

    def _confine(self, watch: StepWatch) -> Confine:
        """Return a function that confines the processes of a program and adds them to ``watch``."""
        contain: Confine = unconfined
        if self.workspace.is_contained:
            contain = ReferenceContainment(self.workspace, scenario_pythons(self.scenario))

        def confine(
            program: Path, named: Sequence[Path] = (), made: Sequence[Path] = ()
        ) -> Confinement:
            watch.checkpoint()
            watch.begin()
            watch.folders.extend(made)
            inner = contain(program, named, made)
            return replace(
                inner,
                start=lambda start: watch.follow(inner.start(start)),
                most_output=watch.limits.output,
                flood=lambda: watch.reach(ReachedLimit.of_output(watch.limits.output)),
            )

        return confine

    def _settings(self, watch: StepWatch) -> Settings:
        python = running_interpreter().executable
        environment = clean_environment(self.workspace, self.network, python)
        self.workspace.build_log.touch()
        return Settings(
            cache_dir=self.workspace.cache,
            clock=self.network.clock,
            transport=self.network.transport,
            proxy=self.network.proxy_url,
            ca_bundle=self.network.ca_file,
            trust_env=False,
            sleep=_no_wait,
            checkpoint=watch.checkpoint,
            # Client and server are in this process: more threads would only make more connections.
            most_requests=1 if self.network.transport else 2,
            behaviour=VARIANTS[self.variant] if self.variant else CORRECT,
            echo=self.lines.append,
            captures=True,
            journal=self.journal.append,
            environment=environment,
            confine=self._confine(watch),
            # Not in the workspace: processes of a play could change the answers for other plays.
            pythons=cache_home(),
            temporary=Path(environment["TMPDIR"]),
        )
