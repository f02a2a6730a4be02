"""A scenario's local wheels, sdists, projects and netrc files, as plain data for a script."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from pytest_indexcache.index.documents.local_files import local_file
from pytest_indexcache.index.documents.sdists import write_local_project
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.fields import moment_of
from pytest_indexcache.scenario.tables.project import LocalFile, LocalProject

Binaries = dict[str, tuple[str, float | None, bool]]
"""Maps paths to the content in base64, a modification time or None, and a flag.

The time is in seconds since the epoch. The flag is true for files of local projects. If such a file
already exists with the same content, it is not written again.
"""


def binary_files(files: Mapping[str, LocalFile], projects: Mapping[str, LocalProject]) -> Binaries:
    """Return the local projects' files, and the wheels and sdists that are not on any index."""
    found: Binaries = {}
    for path, file in files.items():
        data = b"".join(local_file(path, file))
        changed = None if file.modified is None else moment_of(file.modified, time.time())
        found[path] = (_text(data), changed, False)
    with TemporaryDirectory(prefix="indexcache-export-") as folder:
        for name, project in projects.items():
            write_local_project(Path(folder) / project.path, name, project)
        for place in sorted(Path(folder).rglob("*")):
            if place.is_file():
                found[place.relative_to(folder).as_posix()] = (
                    _text(place.read_bytes()),
                    None,
                    True,
                )
    return found


def netrc_files(scenario: Scenario) -> dict[str, str]:
    """Return the scenario's netrc file as a dict of path and text, or an empty dict."""
    lines = [
        f"machine {urlsplit(scenario.indexes[name].url).hostname} login {login[0]}"
        f" password {login[1]}\n"
        for name, access in scenario.access.items()
        if access.netrc and (login := scenario.login_of(name))
    ]
    return {".home/.netrc": "".join(lines)} if lines else {}


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
