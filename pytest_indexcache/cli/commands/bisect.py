"""``indexcache bisect``: the releases in which a behaviour changed."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_indexcache.cli.parsers import (
    NAME_HELP,
    add_command,
    add_play_options,
    checked_jobs,
    store_file,
)
from pytest_indexcache.cli.progress import Progress, terminal_width
from pytest_indexcache.errors import CommandError

if TYPE_CHECKING:
    from pytest_indexcache.cli.parsers import Commands
    from pytest_indexcache.run.bisect.results import BisectResult, ReleaseVerdict
    from pytest_indexcache.run.matrix.cells import NamedScenario

DESCRIPTION: Final = """\
Among all final releases of an installer that the index lists, it finds those that
change whether the scenario's expectations hold, or how they fail, whatever
[affected] says. A sample is played first: the last patch of each minor release,
and the ends of what [affected] lists. Each change that is seen is closed in on by
halving, and its two releases are played again. A change and its opposite between
two releases of the sample may be missed: the output says where it did not look.

  indexcache bisect 15303-cpu uv
  indexcache bisect my-report.toml 'uv>=0.8' --exhaustive
  indexcache bisect my-report.toml uv --between 0.8.0 0.9.10
  indexcache bisect my-report.toml uv --between 2025-06-01 2025-09-01 --markdown
"""

_BY_CHANCE: Final = (
    "[sometimes] lists {}: chance decides how a play ends, so a change may be none; --repeat 9 "
    "plays both of its releases nine times more"
)


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(
        commands, "bisect", run, "find the releases in which a behaviour changed", DESCRIPTION
    )
    parser.add_argument("scenario", metavar="SCENARIO", help=f"a file, or {NAME_HELP}")
    parser.add_argument(
        "installer", metavar="INSTALLER", help="uv, pip, poetry, pdm; or a range: 'uv>=0.8,<0.10'"
    )
    parser.add_argument(
        "--between",
        nargs=2,
        metavar=("A", "B"),
        help="the ends of what is searched: releases, or days such as 2025-06-01",
    )
    parser.add_argument("--exhaustive", action="store_true", help="play every release")
    parser.add_argument(
        "--repeat",
        type=int,
        default=1,
        metavar="N",
        help="how often both releases of a change are played again (default: 1)",
    )
    add_play_options(parser, ("inprocess", "wire"))
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--json", action="store_true", help="write what was found as JSON")
    forms.add_argument(
        "--markdown", action="store_true", help="write what was found as a block for a tracker"
    )


def run(chosen: argparse.Namespace) -> int:
    """Bisect; return 1 where nothing could be judged."""
    from pytest_indexcache.cli.scenarios import find_scenario

    if chosen.repeat < 1:
        raise CommandError(f"--repeat must be at least 1, not {chosen.repeat}", "leave it out")
    scenario = find_scenario(chosen.scenario, trust=chosen.trust)
    result = _search(chosen, scenario)
    if chosen.json:
        sys.stdout.write(json.dumps(result.to_json(), indent=1) + "\n")
    elif chosen.markdown:
        from pytest_indexcache.installers.provisioning.home import cache_home
        from pytest_indexcache.reports.bisect_markdown import bisect_markdown

        text = scenario.file.read_text(encoding="utf-8")
        private = (tempfile.gettempdir(), str(cache_home()), str(Path.home()))
        sys.stdout.write(bisect_markdown(result, text, _command(chosen), private))
    else:
        from pytest_indexcache.reports.bisect_lines import bisect_lines

        lines = bisect_lines(result, chosen.scenario, terminal_width())
        sys.stdout.write("\n" + "".join(f"{line}\n" for line in lines))
    return 0 if result.judged else 1


def _search(chosen: argparse.Namespace, scenario: NamedScenario) -> BisectResult:
    from pytest_indexcache.installers.containment.modes import ContainmentMode
    from pytest_indexcache.run.bisect.candidates import find_candidates
    from pytest_indexcache.run.bisect.search import ChangeSearch
    from pytest_indexcache.run.matrix.circumstances import circumstances
    from pytest_indexcache.run.matrix.records import Records
    from pytest_indexcache.run.matrix.store import Store
    from pytest_indexcache.run.session import transports_of

    jobs = checked_jobs(chosen.jobs)
    candidates = find_candidates(chosen.installer, chosen.between)
    (transport,) = transports_of(candidates[0].installer, chosen.transport)
    name = candidates[0].installer.spec.name
    with (
        Store(store_file(chosen.store), circumstances()) as store,
        Progress(sys.stderr, shows_plays=chosen.progress) as progress,
    ):
        records = Records(
            circumstances(), store, again=chosen.again, warn=lambda it: progress.line(str(it))
        )
        if name in scenario.scenario.sometimes:
            progress.line(_BY_CHANCE.format(name))
        watcher = _Watcher(progress, name)
        search = ChangeSearch(scenario, name, transport, candidates, records, watcher)
        return search.run(
            exhaustive=chosen.exhaustive,
            jobs=jobs,
            repeat=chosen.repeat,
            contained=ContainmentMode(chosen.contained),
        )


def _command(chosen: argparse.Namespace) -> str:
    """Return the command that repeats the search, with the file by its name alone."""
    scenario = Path(chosen.scenario).name
    words = ["indexcache", "bisect", scenario, chosen.installer]
    words += ["--between", *chosen.between] if chosen.between else []
    words += ["--exhaustive"] if chosen.exhaustive else []
    words += ["--repeat", str(chosen.repeat)] if chosen.repeat > 1 else []
    words += ["--contained", chosen.contained] if chosen.contained != "auto" else []
    words += ["--trust"] if chosen.trust else []
    words += ["--transport", chosen.transport] if chosen.transport != "inprocess" else []
    return shlex.join(words)


class _Watcher:
    """Shows each play when it ends, and on a terminal when it begins."""

    def __init__(self, progress: Progress, installer: str) -> None:
        self._progress = progress
        self._installer = installer

    def playing(self, release: str, plays: int) -> None:
        """Show which release is being played."""
        self._progress.now(f"{self._installer} {release:<9} … (play {plays + 1})")

    def played(self, answer: ReleaseVerdict, *, again: bool = False) -> None:
        """Show its verdict, in one line."""
        from pytest_indexcache.printable import printable
        from pytest_indexcache.reports.bisect_lines import answer_line

        line = answer_line(self._installer, answer) + (" (again)" if again else "")
        self._progress.play(printable(line, terminal_width()))
