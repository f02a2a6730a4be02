"""What containment adds to a play: the same play contained and not, in turn.

``python -m benchmarks.containment [--rounds N] [--installer SPEC …] [--only NAME]`` plays scenarios
of the catalogue, or those alone that have NAME in their file's name, and prints medians in
milliseconds, and what a contained play takes more: the median of the differences of neighbouring
plays. Each kind is first in every other round.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from pytest_indexcache.installers.containment.kernel import kernel_support
from pytest_indexcache.installers.containment.modes import ContainmentMode
from pytest_indexcache.installers.contract.installer import Installer
from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.run.session import PlaySession, transports_of
from pytest_indexcache.scenario.loader import load_scenario
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario_files import catalogue_folder, scenario_files

INSTALLERS = ("reference", "uv==0.13.8", "pip==26.3", "poetry==2.5.1", "pdm==2.29.3")


def seconds_of(session: PlaySession, scenario: Scenario, installer: Installer) -> float:
    """Play once, and return the seconds that it took."""
    (transport,) = transports_of(installer, "inprocess")
    root = Path(tempfile.mkdtemp())
    started = time.perf_counter()
    session.play(scenario, "benchmark", installer, transport, root / "play", is_trusted=True)
    seconds = time.perf_counter() - started
    shutil.rmtree(root)
    return seconds


def measure(
    sessions: Sequence[PlaySession], scenario: Scenario, installer: Installer, rounds: int
) -> list[tuple[float, float]]:
    """Play in turn, free and contained, and return the milliseconds of each pair."""
    pairs = []
    for number in range(rounds + 1):
        order = (0, 1) if number % 2 else (1, 0)
        taken = [0.0, 0.0]
        for kind in order:
            taken[kind] = 1000 * seconds_of(sessions[kind], scenario, installer)
        pairs.append((taken[0], taken[1]))
    return pairs[1:]  # the first pair starts what is kept for the others


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--installer", action="append", metavar="SPEC")
    parser.add_argument("--only", default="", metavar="NAME")
    arguments = parser.parse_args()
    print(kernel_support().words)
    print(f"{'milliseconds, medians':44}{'free':>8}{'contained':>11}{'more':>7}{'a step':>8}")
    modes = (ContainmentMode.OFF, ContainmentMode.REQUIRE)
    with PlaySession(contained=modes[0]) as free, PlaySession(contained=modes[1]) as contained:
        for spec in arguments.installer or INSTALLERS:
            installer = create_installer(spec)
            differences: list[float] = []
            steps: list[float] = []
            plays: list[tuple[float, float]] = []
            for file in scenario_files(catalogue_folder()):
                if arguments.only not in file.name:
                    continue
                scenario = load_scenario(file)
                if installer.lacks(scenario):
                    continue
                pairs = measure((free, contained), scenario, installer, arguments.rounds)
                plays.append(
                    (
                        statistics.median(pair[0] for pair in pairs),
                        statistics.median(pair[1] for pair in pairs),
                    )
                )
                differences += [pair[1] - pair[0] for pair in pairs]
                steps += [(pair[1] - pair[0]) / len(scenario.steps) for pair in pairs]
            before, after = (statistics.mean(column) for column in zip(*plays, strict=True))
            more, each = statistics.median(differences), statistics.median(steps)
            name = f"{spec}, mean of {len(plays)} scenarios"
            print(f"{name:44}{before:8.1f}{after:11.1f}{more:7.1f}{each:8.1f}", flush=True)


if __name__ == "__main__":
    main()
