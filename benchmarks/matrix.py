"""What a second core saves in a matrix: releases of uv by the catalogue, on one core and on two.

``python -m benchmarks.matrix [--releases N] [--rounds N]`` plays the catalogue, folder by folder,
with the newest releases of uv: with one job and with two, in turn. It prints the seconds and the
ratio. The releases are provisioned before.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pytest_indexcache.errors import InstallerError
from pytest_indexcache.installers.provisioning.provision import provision
from pytest_indexcache.installers.provisioning.releases import list_releases
from pytest_indexcache.scenario_files import catalogue_folder

PARTS = ("index", "nvidia", "origin", "pytorch")


def newest(count: int) -> list[str]:
    """Return the newest releases of uv that can be had, and get them."""
    found: list[str] = []
    for release in reversed(list_releases("uv")):
        if len(found) == count:
            break
        try:
            provision("uv", str(release.version))
        except InstallerError as error:
            print(error)
        else:
            found.append(str(release.version))
    return found


def seconds(part: str, releases: list[str], jobs: int) -> float:
    """Play a part of the catalogue with so many jobs; return how long that took."""
    specs = [word for release in releases for word in ("--installer", f"uv=={release}")]
    with tempfile.TemporaryDirectory() as folder:
        folders = [str(catalogue_folder() / part)]
        command = [sys.executable, "-m", "pytest_indexcache.cli", "matrix", *folders, *specs]
        command += ["--store", str(Path(folder) / "plays.sqlite"), "--jobs", str(jobs)]
        started = time.perf_counter()
        done = subprocess.run(command, check=False, capture_output=True)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr.decode())
    return time.perf_counter() - started


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--releases", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=1)
    arguments = parser.parse_args()
    releases = newest(arguments.releases)
    print(f"{len(releases)} releases, {releases[-1]} - {releases[0]}")
    print(f"{'seconds':12}{'one core':>10}{'two':>8}{'ratio':>8}")
    totals = [0.0, 0.0]
    for _ in range(arguments.rounds):
        for part in PARTS:
            one, two = (seconds(part, releases, jobs) for jobs in (1, 2))
            totals = [totals[0] + one, totals[1] + two]
            print(f"{part:12}{one:10.1f}{two:8.1f}{two / one:8.2f}", flush=True)
    print(f"{'all':12}{totals[0]:10.1f}{totals[1]:8.1f}{totals[1] / totals[0]:8.2f}")


if __name__ == "__main__":
    main()
