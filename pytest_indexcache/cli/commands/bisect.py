"""``indexcache bisect``: find the releases in which a behaviour changed."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_indexcache.cli.terminal.parsers import NAME_HELP, add_command, add_play_options
from pytest_indexcache.cli.terminal.streams import terminal_width
from pytest_indexcache.errors import CommandError

if TYPE_CHECKING:
    from pytest_indexcache.cli.terminal.parsers import Commands
    from pytest_indexcache.run.bisect.results import BisectResult
    from pytest_indexcache.run.matrix.cells import NamedScenario

DESCRIPTION: Final = """\
A release is found if it changes whether the expectations of the scenario hold, or how
they fail. All final releases on the index are candidates; [affected] does not limit
them. A sample is played first: the last patch of each minor release, and the
ends of the ranges in [affected]. Each change between two neighbours of the sample is
located by bisection, and the two releases next to it are played again. A change that
is undone between two releases of the sample may be missed: the output says which
releases were not played.

  indexcache bisect 15303-cpu uv
  indexcache bisect my-report.toml 'uv>=0.8' --exhaustive
  indexcache bisect my-report.toml uv --between 0.8.0 0.9.10
  indexcache bisect my-report.toml uv --between 2025-06-01 2025-09-01 --markdown
"""


def add_to(commands: Commands) -> None:
    """Add the command ``indexcache bisect``."""
    parser = add_command(
        commands, "bisect", run, "find the releases in which a behaviour changed", DESCRIPTION
    )
    parser.add_argument("scenario", metavar="SCENARIO", help=f"a file, or {NAME_HELP}")
    parser.add_argument(
        "installer",
        metavar="INSTALLER",
        help="uv, pip, poetry or pdm for all releases; or a range: 'uv>=0.8,<0.10'",
    )
    parser.add_argument(
        "--between",
        nargs=2,
        metavar=("A", "B"),
        help="the oldest and the newest release, or days such as 2025-06-01",
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
    forms.add_argument("--json", action="store_true", help="write the result as JSON")
    forms.add_argument(
        "--markdown", action="store_true", help="write the result as Markdown for a tracker"
    )


def run(chosen: argparse.Namespace) -> int:
    """Bisect a scenario; return 1 if no release could be judged."""
    from pytest_indexcache.cli.scenario_files.scenarios import find_scenario

    if chosen.repeat < 1:
        raise CommandError(f"--repeat must be at least 1, not {chosen.repeat}", "leave it out")
    scenario = find_scenario(chosen.scenario, trust=chosen.trust)
    result = _search(chosen, scenario)
    if chosen.json:
        sys.stdout.write(json.dumps(result.to_json(), indent=1) + "\n")
    elif chosen.markdown:
        from pytest_indexcache.installers.provisioning.home import cache_home
        from pytest_indexcache.reports.trackers.bisect_markdown import bisect_markdown

        text = scenario.file.read_text(encoding="utf-8")
        private = (tempfile.gettempdir(), str(cache_home()), str(Path.home()))
        sys.stdout.write(bisect_markdown(result, text, _command(chosen), private))
    else:
        from pytest_indexcache.reports.bisect_lines import bisect_lines

        lines = bisect_lines(result, chosen.scenario, terminal_width())
        sys.stdout.write("\n" + "".join(f"{line}\n" for line in lines))
    return 0 if result.judged else 1


def _search(chosen: argparse.Namespace, scenario: NamedScenario) -> BisectResult:
    from pytest_indexcache.cli.plays.bisect_search import find_changes
    from pytest_indexcache.run.bisect.candidates import find_candidates

    return find_changes(
        chosen,
        scenario,
        find_candidates(chosen.installer, chosen.between),
        exhaustive=chosen.exhaustive,
        repeat=chosen.repeat,
    )


def _command(chosen: argparse.Namespace) -> str:
    """Return a command line that repeats the bisect, without the scenario's folder."""
    scenario = Path(chosen.scenario).name
    words = ["indexcache", "bisect", scenario, chosen.installer]
    words += ["--between", *chosen.between] if chosen.between else []
    words += ["--exhaustive"] if chosen.exhaustive else []
    words += ["--repeat", str(chosen.repeat)] if chosen.repeat > 1 else []
    words += ["--contained", chosen.contained] if chosen.contained != "auto" else []
    words += ["--trust"] if chosen.trust else []
    words += ["--transport", chosen.transport] if chosen.transport != "inprocess" else []
    return shlex.join(words)
