"""``indexcache merge``: merge the matrix files of several machines."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_indexcache.cli.terminal.parsers import add_command, add_matrix_options

if TYPE_CHECKING:
    from pytest_indexcache.cli.terminal.parsers import Commands

DESCRIPTION: Final = """\
Shards that were played on several machines become one matrix, with its table and its
exit code. Conflicts are printed, and the exit code is then 1: different verdicts on
the same play, different versions of the same scenario, a missing shard.

  indexcache merge shard-1.json shard-2.json --json matrix.json
"""


def add_to(commands: Commands) -> None:
    """Add the command ``indexcache merge``."""
    parser = add_command(
        commands, "merge", run, "merge the results of shards into one matrix", DESCRIPTION
    )
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="the output of matrix --json"
    )
    add_matrix_options(parser)


def run(chosen: argparse.Namespace) -> int:
    """Merge matrix files; return 1 if they contradict each other or contain a failed play."""
    from pytest_indexcache.cli.plays.matrix_output import MatrixOutput
    from pytest_indexcache.run.matrix.files import merge, read_matrix

    merged = merge([(str(file), read_matrix(file)) for file in chosen.files])
    records = merged.matrix.records
    output = MatrixOutput.of(chosen, total=len(records))
    output.records = list(records)
    code = output.finish(merged.matrix.plan, merged.matrix.shards)
    for conflict in merged.conflicts:
        output.warn_text(f"conflict: {conflict}")
    return 1 if merged.conflicts else code
