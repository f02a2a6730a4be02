"""Run the bisect that a command needs, reusing stored plays and showing progress."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from pytest_indexcache.cli.plays.play_count import PlayCount
from pytest_indexcache.cli.terminal.parsers import checked_jobs, store_file
from pytest_indexcache.cli.terminal.progress import Progress
from pytest_indexcache.installers.containment.modes import ContainmentMode
from pytest_indexcache.reports.bisect_lines import answer_line
from pytest_indexcache.run.bisect.candidates import CandidateRelease
from pytest_indexcache.run.bisect.results import BisectResult, ReleaseVerdict
from pytest_indexcache.run.bisect.search import ChangeSearch
from pytest_indexcache.run.matrix.cells import NamedScenario
from pytest_indexcache.run.matrix.circumstances import circumstances
from pytest_indexcache.run.matrix.records import Records
from pytest_indexcache.run.matrix.store import Store
from pytest_indexcache.run.session import transports_of

_BY_CHANCE: Final = (
    "[sometimes] lists {}: the results of its plays vary by chance, so a change may not be real; "
    "--repeat 9 plays both of its releases nine more times"
)


def demand_store(chosen: argparse.Namespace) -> None:
    """Check the options of a bisect before anything is played.

    :raises CommandError: if ``--jobs`` is less than 1
    :raises StoreError: if the store cannot be used
    """
    checked_jobs(chosen.jobs)
    with Store(store_file(chosen.store), circumstances()):
        pass


@contextmanager
def open_records(chosen: argparse.Namespace, progress: Progress) -> Iterator[Records]:
    """Open the store that the command's options select.

    If a later write to the store fails, only a message is printed.

    :raises StoreError: if the store cannot be opened
    """
    with Store(store_file(chosen.store), circumstances()) as store:
        yield Records(
            circumstances(), store, again=chosen.again, warn=lambda error: progress.line(str(error))
        )


def find_changes(
    chosen: argparse.Namespace,
    scenario: NamedScenario,
    candidates: Sequence[CandidateRelease],
    *,
    exhaustive: bool = False,
    repeat: int = 1,
    around: str | None = None,
    count: PlayCount | None = None,
) -> BisectResult:
    """Bisect a scenario over candidate releases, with the options in ``chosen``.

    If ``around`` is given, the bisect looks only for the changes next to this release. ``count``
    counts plays for a command that does more than this bisect.

    The function raises the same errors as :meth:`ChangeSearch.run`.
    """
    jobs = checked_jobs(chosen.jobs)
    (transport,) = transports_of(candidates[0].installer, chosen.transport)
    name = candidates[0].installer.spec.name
    with (
        count.progress if count else Progress(sys.stderr, shows_plays=chosen.progress) as progress,
        open_records(chosen, progress) as records,
    ):
        if name in scenario.scenario.sometimes:
            progress.line(_BY_CHANCE.format(name))
        watcher = _Watcher(progress, name, count)
        search = ChangeSearch(scenario, name, transport, candidates, records, watcher, around)
        return search.run(
            exhaustive=exhaustive,
            jobs=jobs,
            repeat=repeat,
            contained=ContainmentMode(chosen.contained),
        )


class _Watcher:
    """Prints the verdict of each play, and shows the current play in the status line."""

    def __init__(self, progress: Progress, installer: str, count: PlayCount | None) -> None:
        self._progress = progress
        self._installer = installer
        self._count = count

    def playing(self, release: str, plays: int) -> None:
        """Show in the status line which release is being played.

        ``plays`` is the number of plays before this one.
        """
        if self._count is not None:
            self._count.begin_expected(f"{self._installer} {release}")
            return
        self._progress.now(f"{self._installer} {release:<9} … (play {plays + 1})")

    def played(self, answer: ReleaseVerdict, *, again: bool = False) -> None:
        """Print the verdict of a release in one line; ``again`` marks a repeated play."""
        line = answer_line(self._installer, answer) + (" (again)" if again else "")
        self._progress.play(line)
