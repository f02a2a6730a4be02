"""What the plugin costs a pytest run that does not use it.

``python -m benchmarks.plugin [--rounds N]`` starts pytest on one empty test, with the plugin and
without any, in turn, each as a process of its own; and it imports the plugin's module in a process
that has pytest. It prints milliseconds: medians, and the median of each round's difference.
Processor time leaves out most of what else the machine does meanwhile.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PLUGIN = "pytest_indexcache.plugin"

IMPORT = """
import time, pytest
started = time.perf_counter()
import pytest_indexcache.plugin
print(time.perf_counter() - started)
"""


def run(folder: Path, plugins: str) -> tuple[float, float]:
    """Run the tests of a folder; return the seconds that passed, and those of the processor."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    # With -p, pytest would look through all that is installed for a plugin of that name.
    variables = {**os.environ, "PYTEST_PLUGINS": plugins}
    before, started = processor_seconds(), time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env=variables)
    return time.perf_counter() - started, processor_seconds() - before


def processor_seconds() -> float:
    """Return the processor time of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def seconds_of_the_import() -> float:
    """Import the plugin and return how long that took, without pytest itself."""
    done = subprocess.run([sys.executable, "-c", IMPORT], check=True, capture_output=True)
    return float(done.stdout)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    rounds = parser.parse_args().rounds
    for name in ("PYTEST_ADDOPTS", "PYTHONDONTWRITEBYTECODE"):
        os.environ.pop(name, None)
    # What else is installed here is loaded in neither run.
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    seen: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    imports = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_nothing.py").write_text("def test_nothing():\n    pass\n")
        for number in range(rounds):
            # Whoever runs second finds the machine warmer: they take turns in that, too.
            for is_with in (number % 2 == 0, number % 2 == 1):
                seen[is_with].append(run(folder, PLUGIN if is_with else ""))
            imports.append(seconds_of_the_import())
    print(f"{'milliseconds, medians':24}{'with':>8}{'without':>9}{'more':>7}")
    for what, number in (("wall time", 0), ("processor time", 1)):
        report(what, *([row[number] for row in seen[is_with]] for is_with in (True, False)))
    print(f"{'import of the plugin':24}{1000 * statistics.median(imports):24.1f}")


def report(name: str, with_plugin: list[float], without: list[float]) -> None:
    """Print the medians, and the median of the differences of each round."""
    more = statistics.median(a - b for a, b in zip(with_plugin, without, strict=True))
    these, those = statistics.median(with_plugin), statistics.median(without)
    print(f"{name:24}{1000 * these:8.1f}{1000 * those:9.1f}{1000 * more:7.1f}")


if __name__ == "__main__":
    main()
