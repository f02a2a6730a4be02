"""What playing the catalogue costs: in-process and on the wire, in turn, in one process.

``python -m benchmarks.catalogue [--rounds N] [--profile]`` prints the median of the rounds for each
scenario, less the time for making venvs, and the ratio of the wire to in-process. To start a Python
that does nothing is timed beside each, as a measure of the machine. Workspaces are removed when a
play was timed; the plugin has other threads for it.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from pytest_indexcache.index.wire.gateway import Gateway
from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.run.plays.results import Verdict
from pytest_indexcache.run.plays.runner import Play, play
from pytest_indexcache.run.plays.transports import Transport, in_process, on_the_wire
from pytest_indexcache.scenario.loader import load_scenario
from pytest_indexcache.scenario_files import catalogue_folder, scenario_files
from pytest_indexcache.system.venvs.environment import Environment


class Stopwatch:
    """Adds up the time that calls of a function take."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.calls = 0

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, timed."""

        @wraps(function)
        def timed(*arguments: Any, **named: Any) -> Any:
            started = time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                self.seconds += time.perf_counter() - started
                self.calls += 1

        return timed


def measure(path: Path, connect: Transport, venvs: Stopwatch) -> tuple[float, float]:
    """Play a scenario; return the seconds besides making venvs, and those for making them."""
    folder, before = Path(tempfile.mkdtemp()), venvs.seconds
    started = time.perf_counter()
    scenario = load_scenario(path)
    result = play(Play(scenario, path.stem, create_installer("reference"), connect, "any"), folder)
    total = time.perf_counter() - started
    shutil.rmtree(folder)
    if result.verdict not in (Verdict.PASSED, Verdict.SKIPPED):
        raise SystemExit(f"{path.stem}: {result.verdict} {result.reason}")
    made = venvs.seconds - before
    return total - made, made


def start_python() -> float:
    """Start a Python that does nothing; return the seconds until it has ended."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-I", "-c", "pass"], check=True)
    return time.perf_counter() - started


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", action="store_true", help="say where the time goes")
    arguments = parser.parse_args()
    venvs = Stopwatch()
    Environment.create = venvs.around(Environment.create)  # type: ignore[method-assign]
    reference = create_installer("reference")
    paths = scenario_files(catalogue_folder())
    paths = [path for path in paths if reference.lacks(load_scenario(path)) is None]
    with Gateway(clock=time.time) as gateway:
        ways = {"in-process": in_process(time.time), "wire": on_the_wire(gateway, time.time)}
        for connect in ways.values():
            measure(paths[0], connect, venvs)
        if arguments.profile:
            _profile(paths, ways["in-process"], venvs)
            return
        seen: dict[tuple[Path, str], list[tuple[float, float]]] = {}
        starts = []
        for _ in range(arguments.rounds):
            for path in paths:
                starts.append(start_python())
                for way, connect in ways.items():
                    seen.setdefault((path, way), []).append(measure(path, connect, venvs))
    _print(paths, seen, 1000 * statistics.median(starts))


def _print(
    paths: list[Path], seen: dict[tuple[Path, str], list[tuple[float, float]]], start: float
) -> None:
    print(f"{'milliseconds, medians':44}{'in-process':>11}{'wire':>8}{'ratio':>7}{'venvs':>8}")
    totals = [0.0, 0.0]
    for path in paths:
        inside, outside = (
            1000 * statistics.median(seconds for seconds, _ in seen[path, way])
            for way in ("in-process", "wire")
        )
        venvs = 1000 * statistics.median(made for _, made in seen[path, "in-process"])
        totals = [totals[0] + inside, totals[1] + outside]
        ratio = outside / inside
        print(f"{path.stem:44}{inside:11.0f}{outside:8.0f}{ratio:7.2f}{venvs:8.0f}")
    inside, outside = (total / len(paths) for total in totals)
    print(f"{'mean of a scenario':44}{inside:11.0f}{outside:8.0f}{outside / inside:7.2f}")
    print(f"{'a Python that starts and does nothing':44}{start:11.0f}")
    print(f"{'mean of a scenario, in starts':44}{inside / start:11.1f}{outside / start:8.1f}")


def _profile(paths: list[Path], connect: Transport, venvs: Stopwatch) -> None:
    with cProfile.Profile() as profile:
        for path in paths:
            measure(path, connect, venvs)
    pstats.Stats(profile).sort_stats("cumulative").print_stats(60)


if __name__ == "__main__":
    main()
