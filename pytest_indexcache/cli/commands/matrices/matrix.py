"""``indexcache matrix``: play many scenarios with many releases."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from pytest_indexcache.cli.terminal.parsers import (
    NAME_HELP,
    SPEC_HELP,
    add_command,
    add_matrix_options,
    add_play_options,
    add_upstream,
    checked_jobs,
    store_file,
)

if TYPE_CHECKING:
    from pytest_indexcache.cli.terminal.parsers import Commands

DESCRIPTION: Final = """\
Every scenario is played with every release, on all cores. The result of an earlier
play with the same scenario, release, platform, Python and version of this package is
taken from the store. Always played again are scenarios that changed, plays that were
skipped or ended in an error, installers on PATH, and builds of your own. Ctrl-C loses
nothing: run the same command again to go on.

  indexcache matrix --installer 'uv>=0.8' --sample minor --installer pip
  indexcache matrix scenarios/pytorch --installer uv==0.8.11 --json matrix.json
  indexcache matrix --installer 'uv>=0.3' --shard 2/8 --json shard-2.json
  indexcache matrix --installer 'uv>=0.3' --scheduler tcp://10.0.0.1:8786
"""


def add_to(commands: Commands) -> None:
    """Add the command ``indexcache matrix``."""
    parser = add_command(
        commands,
        "matrix",
        run,
        "play scenarios with many releases, and compare the results",
        DESCRIPTION,
    )
    parser.add_argument(
        "scenarios",
        nargs="*",
        metavar="SCENARIO",
        help=f"a file, a folder, or {NAME_HELP}; the whole catalogue if none is given",
    )
    parser.add_argument(
        "--installer",
        action="append",
        metavar="SPEC",
        help=f"{SPEC_HELP}; a range such as 'uv>=0.8,<0.9' is every release in it; may be repeated",
    )
    parser.add_argument(
        "--sample",
        choices=("minor",),
        help="play only the last patch of each minor release of a range",
    )
    parser.add_argument(
        "--shard", metavar="N/M", default="1/1", help="play the N-th of M parts: 2/8"
    )
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="play on the workers of this Dask scheduler, such as tcp://10.0.0.1:8786, instead of "
        "this machine (needs pytest-indexcache[dask])",
    )
    add_play_options(parser, ("inprocess", "wire", "both"))
    add_upstream(parser)
    add_matrix_options(parser)


def run(chosen: argparse.Namespace) -> int:
    """Play the matrix; return 1 if a play failed."""
    from pytest_indexcache.cli.plays.matrix_output import MatrixOutput
    from pytest_indexcache.cli.scenario_files.scenarios import find_scenarios, with_servers
    from pytest_indexcache.installers.containment.modes import ContainmentMode
    from pytest_indexcache.installers.provisioning.presence import demand_present
    from pytest_indexcache.installers.registry import create_distinct_installers
    from pytest_indexcache.run.matrix.cells import plan_cells
    from pytest_indexcache.run.matrix.circumstances import circumstances
    from pytest_indexcache.run.matrix.matrix import play_matrix
    from pytest_indexcache.run.matrix.records import Records
    from pytest_indexcache.run.matrix.scheduler import play_on_scheduler
    from pytest_indexcache.run.matrix.sharding import Shard, plan_digest
    from pytest_indexcache.run.matrix.store import Store

    jobs, shard = checked_jobs(chosen.jobs), Shard.parse(chosen.shard)
    contained = ContainmentMode(chosen.contained)
    found = find_scenarios(chosen.scenarios, trust=chosen.trust)
    scenarios = with_servers(found.scenarios, chosen.upstream)
    installers = create_distinct_installers(chosen.installer or ["reference"], sample=chosen.sample)
    if not chosen.scheduler:  # its workers may run on other machines
        demand_present(*installers)
    whole = plan_cells(scenarios, installers, chosen.transport)
    cells = shard.of(whole)
    output = MatrixOutput.of(chosen, total=len(cells), shows_plays=chosen.progress)
    with Store(store_file(chosen.store), circumstances()) as store, output:
        records = Records(circumstances(), store, again=chosen.again, warn=output.warn)
        try:
            if chosen.scheduler:
                play_on_scheduler(
                    cells,
                    records,
                    address=chosen.scheduler,
                    tell=output.tell,
                    contained=contained,
                )
            else:
                play_matrix(cells, records, jobs=jobs, tell=output.tell, contained=contained)
        except KeyboardInterrupt:
            output.interrupted(store.file)
            raise
    for error in found.errors:
        output.warn(error)
    code = output.finish(plan_digest(whole), (shard,))
    return 1 if found.errors else code
