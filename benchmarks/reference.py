"""What the reference installer costs beside pip and uv: 30 small wheels from a local index.

``python -m benchmarks.reference [--rounds N]`` starts each installer as a process of its own, in
turn. It installs a requirements file: cold (nothing cached, an empty venv), warm (everything
cached, an empty venv) and as a no-op (everything installed). And it syncs a project with an up to
date lockfile, which pip cannot: warm (everything cached, no venv), and as a no-op. All of it once
with an index that sends Cache-Control as PyPI does, and once with one that sends none. It prints
medians, and the ratios of the reference to the others; and what a Python takes that imports the
libraries of a warm run and does nothing with them.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import virtualenv

from pytest_indexcache.index.documents.wheels import WheelSpec, build_wheel

LIFETIMES: Mapping[str, Mapping[str, str]] = {
    "Cache-Control as of PyPI": {
        "page": "max-age=600, public",
        "file": "max-age=365000000, immutable, public",
    },
    "no Cache-Control": {},
}
STATES = ("cold", "warm", "no-op")
SYNC_STATES = ("sync, warm", "sync, no-op")
IMPORTS = "importing"
LIBRARIES = ("packaging.pylock", "resolvelib", "installer")
WHEELS = 30


@dataclass(frozen=True)
class Contender:
    """An installer: its command line for a venv's Python, a cache folder and an index's URL.

    ``sync`` is the one for a project in the current folder, where it has one. ``has_own_pip`` puts
    pip in the venv, from which it is started then, as its users do.
    """

    name: str
    command: Callable[[Path, Path, str], Sequence[str]]
    sync: Callable[[Path, str], Sequence[str]] | None = None
    has_own_pip: bool = False


def pip_command(python: Path, cache: Path, url: str) -> Sequence[str]:
    """Return pip's command line; it compiles no byte code, as the others do not either."""
    options = ["--no-compile", "--disable-pip-version-check", "--no-input", "-q"]
    where = ["--cache-dir", str(cache), "--index-url", url, "--trusted-host", "127.0.0.1"]
    return [str(python), "-m", "pip", "--isolated", "install", *options, *where]


def uv() -> str:
    """Return the path of uv, that of this environment first."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return shutil.which("uv", path=path) or "uv"


def uv_command(python: Path, cache: Path, url: str) -> Sequence[str]:
    """Return uv's command line."""
    where = ["--cache-dir", str(cache), "--index-url", url, "--no-config", "-q"]
    return [uv(), "pip", "install", "--python", str(python), *where]


def uv_sync(cache: Path, url: str) -> Sequence[str]:
    """Return uv's command line for a project."""
    where = ["--cache-dir", str(cache), "--default-index", url, "--no-config", "-q"]
    return [uv(), "sync", "--python", sys.executable, *where]


def reference_command(python: Path, cache: Path, url: str) -> Sequence[str]:
    """Return the reference installer's command line."""
    venv = python.parent.parent
    where = ["--cache-dir", str(cache), "--index-url", url, "--venv", str(venv), "-q"]
    return [sys.executable, "-m", "pytest_indexcache.reference", "install", *where]


def reference_sync(cache: Path, url: str) -> Sequence[str]:
    """Return the reference installer's command line for a project."""
    where = ["--cache-dir", str(cache), "--index-url", url, "-q"]
    return [sys.executable, "-m", "pytest_indexcache.reference", "sync", *where]


CONTENDERS = (
    Contender("reference", reference_command, reference_sync),
    Contender("pip", pip_command, has_own_pip=True),
    Contender("uv", uv_command, uv_sync),
)


def write_index(folder: Path) -> list[str]:
    """Write a static index of small wheels with core metadata; return the projects' names."""
    names = [f"small-part-{number:02}" for number in range(WHEELS)]
    for number, name in enumerate(names):
        requires = tuple(names[number + 1 : number + 3])
        attributes = (("sub.value", number), ("other.value", number))
        made = build_wheel(WheelSpec(name, "1.0", requires=requires, attributes=attributes))
        data = b"".join(made.content.chunks(0, made.content.length))
        page = folder / "simple" / name
        page.mkdir(parents=True)
        (page / made.filename).write_bytes(data)
        (page / f"{made.filename}.metadata").write_bytes(made.metadata)
        href = f"{made.filename}#sha256={hashlib.sha256(data).hexdigest()}"
        announced = f'data-core-metadata="sha256={hashlib.sha256(made.metadata).hexdigest()}"'
        (page / "index.html").write_text(
            f'<!DOCTYPE html><a href="{href}" {announced}>{made.filename}</a>'
        )
    return names


def write_project(folder: Path, names: Sequence[str]) -> None:
    """Write a project that requires these."""
    folder.mkdir()
    listed = ", ".join(f'"{name}"' for name in names)
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.11"\n'
        f"dependencies = [{listed}]\n"
    )


class Handler(SimpleHTTPRequestHandler):
    """The standard library's handler, without its log: HTTP/1.0, a connection a request."""

    def __init__(self, *arguments: Any, lifetimes: Mapping[str, str], directory: str) -> None:
        self.lifetimes = lifetimes
        super().__init__(*arguments, directory=directory)

    def end_headers(self) -> None:
        """Add Cache-Control."""
        lifetime = self.lifetimes.get("page" if self.path.endswith("/") else "file")
        if lifetime:
            self.send_header("Cache-Control", lifetime)
        super().end_headers()

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """A server that many connections may wait for.

    As it comes there are five; a sixth of them is dropped, and asks again after a second.
    """

    request_queue_size = 128


def serve(folder: Path, lifetimes: Mapping[str, str]) -> None:
    """Serve a folder until the process ends; the port is printed."""
    handler = partial(Handler, lifetimes=lifetimes, directory=str(folder))
    with Server(("127.0.0.1", 0), handler) as server:
        print(server.server_port, flush=True)
        server.serve_forever()


@contextmanager
def serving(folder: Path, manner: str) -> Iterator[str]:
    """Serve a folder from a process of its own; give the index's URL."""
    command = [sys.executable, "-m", "benchmarks.reference", "--serve", str(folder), manner]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        yield f"http://127.0.0.1:{int(server.stdout.readline())}/simple"
    finally:
        server.terminate()
        server.wait()


def make_venv(folder: Path, *, with_pip: bool) -> Path:
    """Make an empty venv, and return its Python."""
    shutil.rmtree(folder, ignore_errors=True)
    seeds = [] if with_pip else ["--no-seed"]
    virtualenv.cli_run(["--no-periodic-update", *seeds, str(folder)], setup_logging=False)
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def variables() -> dict[str, str]:
    """Return the environment without what would change how an installer works."""
    unwanted = ("PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV")
    return {
        name: value
        for name, value in os.environ.items()
        if name not in unwanted and not name.startswith(("PIP_", "UV_"))
    }


def timed(command: Sequence[str], folder: Path) -> float:
    """Run a command in a folder to its end, and return the seconds that it took."""
    started = time.perf_counter()
    done = subprocess.run(
        command, env=variables(), cwd=folder, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return seconds


def measure(contender: Contender, folder: Path, url: str) -> dict[str, float]:
    """Measure every state of one installer, once."""
    own = folder / contender.name
    shutil.rmtree(own, ignore_errors=True)
    cache, venv = own / "cache", own / "venv"
    own.mkdir()
    seconds = {}
    for state in STATES:
        python = venv / "bin" / "python"
        if state != "no-op":
            python = make_venv(venv, with_pip=contender.has_own_pip)
        command = contender.command(python, cache, url)
        seconds[state] = timed([*command, "-r", str(folder / "requirements.txt")], own)
    check(contender, venv)
    if contender.name == "reference":
        seconds[IMPORTS] = timed([sys.executable, "-c", f"import {', '.join(LIBRARIES)}"], own)
    if contender.sync is not None:
        project = own / "project"
        shutil.copytree(folder / "project", project)
        timed(contender.sync(cache, url), project)
        shutil.rmtree(project / ".venv")
        for state in SYNC_STATES:
            seconds[state] = timed(contender.sync(cache, url), project)
        check(contender, project / ".venv")
    return seconds


def check(contender: Contender, venv: Path) -> None:
    """End the run if not everything was installed."""
    count = len(list(venv.rglob("small_part_*.dist-info")))
    if count != WHEELS:
        raise SystemExit(f"{contender.name} installed {count} of {WHEELS} wheels")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--serve", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        folder, manner = arguments.serve
        serve(Path(folder), LIFETIMES[manner])
        return
    with tempfile.TemporaryDirectory() as text:
        names = write_index(Path(text) / "index")
        (Path(text) / "requirements.txt").write_text("\n".join(names))
        write_project(Path(text) / "project", names)
        for manner in LIFETIMES:
            with serving(Path(text) / "index", manner) as url:
                report(manner, compare(Path(text), url, arguments.rounds))


def compare(folder: Path, url: str, rounds: int) -> dict[tuple[str, str], float]:
    """Measure all installers in turn, and return the medians in seconds."""
    seen: dict[tuple[str, str], list[float]] = {}
    # The first round writes byte code and fills the system's own caches.
    for number in range(rounds + 1):
        for contender in CONTENDERS:
            for state, seconds in measure(contender, folder, url).items():
                if number:
                    seen.setdefault((contender.name, state), []).append(seconds)
    return {key: statistics.median(values) for key, values in seen.items()}


def report(manner: str, medians: Mapping[tuple[str, str], float]) -> None:
    """Print the medians in milliseconds, and the ratios."""
    names = [contender.name for contender in CONTENDERS]
    heads = "".join(f"{name:>12}" for name in names)
    print(f"{manner}\n{'milliseconds':14}{heads}{'to pip':>10}{'to uv':>10}")
    for state in (*STATES, *SYNC_STATES):
        found = {name: medians.get((name, state)) for name in names}
        figures = "".join(
            f"{'':12}" if value is None else f"{1000 * value:12.0f}" for value in found.values()
        )
        own = found["reference"] or 0.0
        ratios = "".join(
            f"{own / peer:10.2f}" if peer else f"{'':10}" for peer in (found["pip"], found["uv"])
        )
        print(f"{state:14}{figures}{ratios}")
    least = medians["reference", IMPORTS]
    print(
        f"a Python that imports {', '.join(LIBRARIES)} and does nothing: {1000 * least:.0f} ms, "
        f"{least / medians['uv', 'warm']:.2f} of uv's warm run"
    )


if __name__ == "__main__":
    main()
