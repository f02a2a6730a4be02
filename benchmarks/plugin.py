"""What the plugin costs a pytest run that does not use it.

``python -m benchmarks.plugin [--rounds N]`` starts pytest on one empty test, with the plugin and
with it blocked (``-p no:indexcache``), in turn, each as a process of its own; and it imports the
plugin's module in a process that has pytest. It prints medians in milliseconds.
"""

from __future__ import annotations

import argparse
import os
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


def seconds_of_a_run(folder: Path, *options: str) -> float:
    """Run the tests of a folder and return how long that took."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - started


def seconds_of_the_import() -> float:
    """Import the plugin and return how long that took, without pytest itself."""
    done = subprocess.run([sys.executable, "-c", IMPORT], check=True, capture_output=True)
    return float(done.stdout)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    rounds = parser.parse_args().rounds
    os.environ.pop("PYTEST_ADDOPTS", None)
    runs: dict[str, list[float]] = {"with": [], "without": [], "import": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_nothing.py").write_text("def test_nothing():\n    pass\n")
        for _ in range(rounds):
            runs["with"].append(seconds_of_a_run(folder))
            runs["without"].append(seconds_of_a_run(folder, "-p", "no:indexcache"))
            runs["import"].append(seconds_of_the_import())
    median = {name: 1000 * statistics.median(seconds) for name, seconds in runs.items()}
    print(f"a run with the plugin     {median['with']:7.1f} ms")
    print(f"a run without the plugin  {median['without']:7.1f} ms")
    print(f"difference                {median['with'] - median['without']:7.1f} ms")
    print(f"import of the plugin      {median['import']:7.1f} ms")


if __name__ == "__main__":
    main()
