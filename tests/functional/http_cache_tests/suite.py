"""The source of the suite: its folder, its tests as data, and its server on loopback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PACKAGE = "http-cache-tests@0.4.5"
FOLDER_VARIABLE = "INDEXCACHE_CACHE_TESTS"

_DUMP = "import(process.argv[1]).then(m => console.log(JSON.stringify(m.default)))"
_LISTEN_ON_LOOPBACK = """
const { Server } = require('node:net')
const listen = Server.prototype.listen
Server.prototype.listen = function (port) { return listen.call(this, Number(port), '127.0.0.1') }
"""


class SuiteUnavailableError(Exception):
    """The suite is not available here; the message gives the reason and a remedy."""


def locate(cache_folder: Path) -> Path:
    """Return the suite's folder: the one that the environment names, or one that npm installs."""
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        if not (Path(named) / "tests" / "index.mjs").is_file():
            raise SuiteUnavailableError(f"{FOLDER_VARIABLE}={named} is no folder of the suite")
        _demand("node")
        return Path(named).resolve()
    installed = cache_folder / "node_modules" / "http-cache-tests"
    _demand("node")
    if not (installed / "tests" / "index.mjs").is_file():
        _install(cache_folder)
    return installed


def _demand(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise SuiteUnavailableError(f"{program} is not on PATH; install Node.js 18 or newer")
    return found


def _install(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    command = [_demand("npm"), "install", "--no-audit", "--no-fund", "--omit=dev"]
    command += ["--ignore-scripts", "--prefix", str(folder), PACKAGE]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if result.returncode != 0:
        raise SuiteUnavailableError(
            f"npm could not install {PACKAGE}; set {FOLDER_VARIABLE} to a folder that has it: "
            f"{result.stderr.strip()[-300:]}"
        )


def load_groups(folder: Path) -> list[dict[str, Any]]:
    """Return the suite's groups of tests as data."""
    index = (folder / "tests" / "index.mjs").as_uri()
    command = [_demand("node"), "--no-warnings", "--eval", _DUMP, index]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if result.returncode != 0:
        raise SuiteUnavailableError(f"node cannot read {index}: {result.stderr.strip()[-300:]}")
    groups: list[dict[str, Any]] = json.loads(result.stdout)
    return groups


@contextmanager
def serve(folder: Path, scratch: Path) -> Iterator[str]:
    """Run the suite's own server on a free port of loopback; yield its base URL."""
    preload = scratch / "loopback.cjs"
    preload.write_text(_LISTEN_ON_LOOPBACK)
    places = (folder / "server", folder / "test-engine" / "server")
    script = next(place / "server.mjs" for place in places if place.is_dir())
    environment = {
        **os.environ,
        "npm_config_protocol": "http",
        "npm_config_port": "0",
        "npm_config_pidfile": str(scratch / "server.pid"),
    }
    with (scratch / "server.log").open("w") as log:
        process = subprocess.Popen(
            [_demand("node"), "--no-warnings", "--require", str(preload), str(script)],
            cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
        try:
            yield _base_url(process)
        finally:
            process.kill()
            process.communicate()


def _base_url(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("Listening on "):
            return line.split()[-1].rstrip("/")
    raise SuiteUnavailableError(f"the suite's server ended at once ({sys.platform})")
