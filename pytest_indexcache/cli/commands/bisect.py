"""``indexcache bisect``: the release in which a behaviour changed."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Final

from pytest_indexcache.cli.parsers import (
    NAME_HELP,
    add_command,
    add_play_options,
    checked_jobs,
    store_file,
)
from pytest_indexcache.cli.progress import Progress, terminal_width

if TYPE_CHECKING:
    from pytest_indexcache.cli.parsers import Commands
    from pytest_indexcache.run.bisect.results import BisectResult, ReleaseVerdict

DESCRIPTION: Final = """\
Among all final releases of an installer that the index lists, it looks for two
neighbours of which one does what the scenario expects and the other does not,
whatever [affected] says. The newest and the oldest that can be judged are played
first. Releases that cannot be had or played are passed over, as git bisect skip
does, and where both ends agree a release that [affected] names is tried.

  indexcache bisect 15303-cpu uv
  indexcache bisect my-report.toml 'uv>=0.8' --exhaustive
  indexcache bisect my-report.toml uv --between 0.8.0 0.9.10
"""


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(
        commands, "bisect", run, "find the release in which a behaviour changed", DESCRIPTION
    )
    parser.add_argument("scenario", metavar="SCENARIO", help=f"a file, or {NAME_HELP}")
    parser.add_argument(
        "installer", metavar="INSTALLER", help="uv, pip, poetry, pdm; or a range: 'uv>=0.8,<0.10'"
    )
    parser.add_argument(
        "--between", nargs=2, metavar=("A", "B"), help="the releases to look between, with them"
    )
    parser.add_argument(
        "--exhaustive",
        action="store_true",
        help="play every release, and find every change of behaviour",
    )
    add_play_options(parser, ("inprocess", "wire"))
    parser.add_argument("--json", action="store_true", help="write what was found as JSON")


def run(chosen: argparse.Namespace) -> int:
    """Bisect; return 1 where nothing could be judged."""
    from pytest_indexcache.cli.scenarios import find_scenario
    from pytest_indexcache.reports.bisect_lines import bisect_lines
    from pytest_indexcache.run.bisect.candidates import find_candidates
    from pytest_indexcache.run.bisect.search import BoundarySearch
    from pytest_indexcache.run.matrix.circumstances import circumstances
    from pytest_indexcache.run.matrix.records import Records
    from pytest_indexcache.run.matrix.store import Store
    from pytest_indexcache.run.session import transports_of

    jobs = checked_jobs(chosen.jobs)
    scenario = find_scenario(chosen.scenario)
    candidates = find_candidates(chosen.installer, chosen.between)
    (transport,) = transports_of(candidates[0].installer, chosen.transport)
    name = candidates[0].installer.spec.name
    with (
        Store(store_file(chosen.store), circumstances()) as store,
        Progress(sys.stderr) as progress,
    ):
        records = Records(
            circumstances(), store, again=chosen.again, warn=lambda it: progress.line(str(it))
        )
        watcher = _Watcher(progress, name)
        search = BoundarySearch(scenario, name, transport, candidates, records, watcher)
        result = search.run(exhaustive=chosen.exhaustive, jobs=jobs)
    if chosen.json:
        sys.stdout.write(json.dumps(result.to_json(), indent=1) + "\n")
    else:
        sys.stdout.write("\n" + "".join(f"{line}\n" for line in bisect_lines(result, _width())))
    return _exit_code(result)


def _exit_code(result: BisectResult) -> int:
    return 0 if result.judged else 1


def _width() -> int:
    return min(terminal_width(), 110)


class _Watcher:
    """Shows each play when it ends, and on a terminal when it begins."""

    def __init__(self, progress: Progress, installer: str) -> None:
        self._progress = progress
        self._installer = installer

    def playing(self, release: str, plays: int) -> None:
        """Show what is being played."""
        self._progress.now(f"{self._installer} {release:<9} … (play {plays + 1})")

    def played(self, answer: ReleaseVerdict) -> None:
        """Show what came of it."""
        from pytest_indexcache.reports.bisect_lines import answer_line

        self._progress.line(answer_line(self._installer, answer))
