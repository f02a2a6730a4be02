"""Prints the suite's results: ``PYTHONPATH=tests/functional python -m http_cache_tests``."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from .playing import play_suite
from .suite import FOLDER_VARIABLE, locate
from .verdicts import KINDS


def main() -> None:
    """Play the suite; print the table and the tests that did not pass."""
    parser = argparse.ArgumentParser(prog="python -m http_cache_tests")
    parser.add_argument("--folder", type=Path, help=f"the suite's; else ${FOLDER_VARIABLE} or npm")
    parser.add_argument("--only", help="the id of one test")
    parser.add_argument(
        "--as-installed", action="store_true", help="with the settings of the installer"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.folder or locate(Path(scratch) / "npm")
        report = play_suite(
            folder.resolve(),
            Path(scratch),
            arguments.only,
            serves_stale=not arguments.as_installed,
        )
    print(report.table())
    for kind in KINDS:
        for line in report.failures(kind):
            print(f"{kind}: {line}")


if __name__ == "__main__":
    main()
