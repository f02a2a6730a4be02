"""Measuring the newest release of each installer, and keeping what was found in a file."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from pytest_indexcache.installers.provisioning.releases import list_releases


def measure(
    file: Path, installers: Iterable[str], subject: str, play: Callable[[str], dict[str, Any]]
) -> None:
    """Play each installer, and write the file after each; what it has of others stays.

    ``play`` is given the spec of the newest release; what it returns is kept under ``subject``.
    """
    data: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    for name in installers:
        spec = name if name == "reference" else f"{name}=={list_releases(name)[-1].version}"
        data[name] = {"spec": spec, "day": time.strftime("%Y-%m-%d"), subject: play(spec)}
        file.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
        sys.stdout.write(f"{spec}\n")
