"""``indexcache record``: write the results of a matrix into its scenario files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_indexcache.cli.terminal.lines import write_text
from pytest_indexcache.cli.terminal.parsers import NAME_HELP, add_command

if TYPE_CHECKING:
    from pytest_indexcache.cli.terminal.parsers import Commands
    from pytest_indexcache.run.matrix.cells import NamedScenario
    from pytest_indexcache.run.matrix.measurements import Measurement

DESCRIPTION: Final = """\
In each scenario, the tables [affected] (releases that misbehave) and [measured]
(releases that were played) get the results for the installers of the matrix. An entry
of [affected] is kept if every play agrees with it, because it may rest on more plays
than these, and if [sometimes] lists the installer. The rest of the file is not changed.

  indexcache matrix --installer 'uv>=0.3' --installer pip --json matrix.json
  indexcache record matrix.json
"""


def add_to(commands: Commands) -> None:
    """Add the command ``indexcache record``."""
    summary = "write the results of a matrix into its scenarios"
    parser = add_command(commands, "record", run, summary, DESCRIPTION)
    parser.add_argument("matrix", type=Path, metavar="MATRIX", help="the output of matrix --json")
    parser.add_argument(
        "scenarios",
        nargs="*",
        metavar="SCENARIO",
        help=f"a file, a folder, or {NAME_HELP}; the whole catalogue if none is given",
    )


def run(chosen: argparse.Namespace) -> int:
    """Update the scenario files; return 1 if a file could not be updated."""
    from pytest_indexcache.cli.scenario_files.scenarios import find_scenarios
    from pytest_indexcache.run.matrix.files import read_matrix
    from pytest_indexcache.run.matrix.measurements import measurements

    records = read_matrix(chosen.matrix).records
    measured = measurements(records)
    digests = {record.result.scenario: record.digest for record in records}
    found = find_scenarios(chosen.scenarios)
    problems = [str(error) for error in found.errors]
    if found.scenarios and not any(scenario.name in measured for scenario in found.scenarios):
        problems.append(_strange(chosen.matrix, found.scenarios, measured))
    for scenario in found.scenarios:
        if scenario.name not in measured:
            continue
        if digests[scenario.name] != scenario.digest:
            problems.append(f"{scenario.name}: the file changed since it was played; play it again")
        elif (problem := _record(scenario, measured[scenario.name])) is not None:
            problems.append(problem)
    for problem in problems:
        write_text(sys.stderr, problem)
    return 1 if problems else 0


def _strange(matrix: Path, scenarios: Sequence[NamedScenario], measured: Collection[str]) -> str:
    """Return an error message for a matrix file that contains no plays of the given scenarios."""
    played = min(measured, default="none at all")
    return (
        f"{matrix} has no play of {scenarios[0].name} or any other given scenario; it has plays of "
        f"{played}, for example; give scenarios by the same paths as to indexcache matrix"
    )


def _record(scenario: NamedScenario, measured: Mapping[str, Measurement]) -> str | None:
    """Update ``[affected]`` and ``[measured]`` in a scenario file.

    If the file cannot be updated, return an error message, otherwise None.
    """
    from pytest_indexcache.scenario.record_tables import with_record_tables
    from pytest_indexcache.system.atomic_files import write_atomically

    affected = dict(scenario.scenario.affected)
    played = dict(scenario.scenario.measured)
    for name, measurement in measured.items():
        played[name] = measurement.played
        if name in scenario.scenario.sometimes or measurement.agrees_with(affected.get(name)):
            continue
        if measurement.affected:
            affected[name] = measurement.affected
        else:
            affected.pop(name, None)
    tables = {"affected": affected, "measured": played}
    text = scenario.file.read_text(encoding="utf-8")
    mended = with_record_tables(text, tables)
    if mended is None:
        return (
            f"{scenario.file}: its tables cannot be replaced automatically; write by hand: {tables}"
        )
    if mended != text:
        try:
            write_atomically(scenario.file, mended.encode())
        except OSError as error:
            return f"{scenario.file}: it cannot be written: {error.strerror or error}"
        sys.stdout.write(f"{scenario.name}\n")
    return None
