"""What the plugin costs a pytest run that does not use it.

``python -m benchmarks.plugin [--rounds N]`` starts pytest on one empty test, with the plugin and
without any, in turn, each as a process of its own; and it imports the plugin's module in a process
that has pytest. It prints milliseconds: medians, and the best of all rounds. Processor time leaves
out what else the machine does meanwhile.
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

IMPORT = """
import time, pytest
started = time.perf_counter()
import pytest_indexcache.plugin
print(time.perf_counter() - started)
"""

PLUGIN = ("-p", "pytest_indexcache.plugin")


def run(folder: Path, *options: str) -> tuple[float, float]:
    """Run the tests of a folder; return the seconds that passed, and those of the processor."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    before, started = processor_seconds(), time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
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
    with_plugin, without, imports = [], [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_nothing.py").write_text("def test_nothing():\n    pass\n")
        for _ in range(rounds):
            with_plugin.append(run(folder, *PLUGIN))
            without.append(run(folder))
            imports.append(seconds_of_the_import())
    print(f"{'milliseconds':24}{'with':>8}{'without':>9}{'more':>7}")
    for what, number in (("wall time", 0), ("processor time", 1)):
        these, those = ([row[number] for row in rows] for rows in (with_plugin, without))
        report(f"{what}, median", statistics.median(these), statistics.median(those))
        report(f"{what}, best", min(these), min(those))
    print(f"{'import of the plugin':24}{1000 * statistics.median(imports):24.1f}")


def report(name: str, with_plugin: float, without: float) -> None:
    """Print a line of the table."""
    more = 1000 * (with_plugin - without)
    print(f"{name:24}{1000 * with_plugin:8.1f}{1000 * without:9.1f}{more:7.1f}")


if __name__ == "__main__":
    main()
