"""A cell of a matrix: one scenario, one installer, one transport; and how a worker plays it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from tempfile import mkdtemp

from pytest_indexcache.errors import InstallerError, InstallerUnavailableError
from pytest_indexcache.installers.base import Installer
from pytest_indexcache.installers.registry import create_installer, is_affected
from pytest_indexcache.run.circumstances import scenario_digest
from pytest_indexcache.run.crew import Desk
from pytest_indexcache.run.playhouse import ways_in
from pytest_indexcache.run.results import PlayResult, Verdict
from pytest_indexcache.run.results_matrix import in_brief
from pytest_indexcache.run.store import PlayKey
from pytest_indexcache.scenario.model import Scenario


@dataclass(frozen=True)
class Story:
    """A scenario, under the name that reports give it, and the file that it is from."""

    name: str
    scenario: Scenario
    file: Path

    @cached_property
    def digest(self) -> str:
        """A digest of what is played."""
        return scenario_digest(self.scenario)


@dataclass(frozen=True)
class Cell:
    """What one play of a matrix is of."""

    story: Story
    installer: Installer
    transport: str

    @property
    def spec(self) -> str:
        """The installer's spec."""
        return str(self.installer.spec)

    @property
    def key(self) -> PlayKey | None:
        """What a store knows the play by; None for an installer that may be another one tomorrow.

        That is what PATH has, and a build of one's own: these are always played.
        """
        spec = self.installer.spec
        if spec.path is not None or (spec.releases is None and not self.installer.is_embedded):
            return None
        return PlayKey(self.story.digest, str(spec), self.transport)

    @property
    def is_affected(self) -> bool:
        """Whether the scenario lists the release."""
        return is_affected(self.story.scenario, self.installer)

    def not_played(self, verdict: Verdict, reason: str) -> PlayResult:
        """Make the result of a play that did not come about."""
        version = ""
        with suppress(InstallerError):
            version = self.installer.version
        task = PlayTask.of(self)
        return replace(task.not_played(verdict, reason), installer_version=version)


def plan_cells(
    stories: Sequence[Story], installers: Iterable[Installer], transport: str
) -> list[Cell]:
    """Return every cell of a matrix, release by release; ``transport`` may be ``both``."""
    return [
        Cell(story, installer, way_in)
        for installer in installers
        for story in stories
        for way_in in ways_in(installer, transport)
    ]


@dataclass(frozen=True)
class PlayTask:
    """Playing a cell in a worker."""

    story: Story
    spec: str
    transport: str

    @classmethod
    def of(cls, cell: Cell) -> PlayTask:
        """Make the task that plays a cell."""
        return cls(cell.story, cell.spec, cell.transport)

    def __call__(self, desk: Desk) -> PlayResult:
        """Play, and return the result in brief; the workspace is removed."""
        try:
            installer = _installer(self.spec)
        except InstallerUnavailableError as error:
            return self.not_played(Verdict.SKIPPED, str(error))
        except InstallerError as error:
            return self.not_played(Verdict.ERROR, str(error))
        root = Path(mkdtemp(prefix="play-", dir=desk.folder))
        story = self.story
        try:
            return in_brief(
                desk.playhouse.play(story.scenario, story.name, installer, self.transport, root)
            )
        finally:
            desk.playhouse.sweep(root)

    def not_played(self, verdict: Verdict, reason: str) -> PlayResult:
        """Make the result of a play that did not come about."""
        return PlayResult(
            scenario=self.story.name,
            title=self.story.scenario.title,
            issue=self.story.scenario.issue,
            installer=self.spec,
            installer_version="",
            transport=self.transport,
            verdict=verdict,
            reason=reason,
        )


@dataclass(frozen=True)
class ProvisionTask:
    """Getting a release in a worker, before it is played with."""

    name: str
    version: str

    def __call__(self, desk: Desk) -> None:  # noqa: ARG002 - what every task gets
        """Provision; where that fails, the play will tell."""
        from pytest_indexcache.installers.provision import provision

        with suppress(InstallerError):
            provision(self.name, self.version)


@lru_cache(maxsize=4)
def _installer(spec: str) -> Installer:
    return create_installer(spec)
