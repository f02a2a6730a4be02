"""The targets that attacks must not reach, and the record of those that they reached.

The checks of the scenario language are disabled here: commands and files are played unchecked, so
that only containment protects the machine.
"""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from pytest_indexcache.installers.containment.modes import ContainmentMode
from pytest_indexcache.installers.contract.installer import Installer
from pytest_indexcache.installers.provisioning.home import cache_home
from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.run.plays.results import PlayResult
from pytest_indexcache.run.session import PlaySession, transports_of
from pytest_indexcache.scenario.model import Scenario

RELEASES = {
    "uv": "uv==0.13.8",
    "pip": "pip==26.3",
    "poetry": "poetry==2.5.1",
    "pdm": "pdm==2.29.3",
    "reference": "reference",
}

SECRET = "the secret of the canary"

ATTACK = """\
import os, socket, subprocess, sys

def reads():
    assert open({canary!r}).read()

def lists():
    assert os.listdir({home!r})

def writes():
    open({home!r} + "/new", "w").write("x")

def overwrites():
    open({canary!r}, "a").write("x")

def removes():
    os.rename({canary!r}, {home!r} + "/moved")

def links():
    os.link({canary!r}, "link")

def spoils_releases():
    open({spoiled!r}, "w").write("x")

def connects():
    socket.create_connection(("127.0.0.1", {tcp}), 5).sendall(b"hello")

def sends_datagrams():
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"hello", ("127.0.0.1", {udp}))

def connects_locally():
    socket.socket(socket.AF_UNIX).connect({unix!r})

def serves():
    socket.create_server(("127.0.0.1", 0))

def signals():
    os.kill({pid}, 0)

def looks_into_pytest():
    assert open("/proc/{pid}/environ").read(1)

def attaches():
    import ctypes
    assert ctypes.CDLL(None).ptrace(16, {victim}, 0, 0) == 0

def limits():
    import resource
    limit = resource.prlimit({pid}, resource.RLIMIT_CORE)
    resource.prlimit({pid}, resource.RLIMIT_CORE, limit)

def slows():
    os.sched_setaffinity({pid}, os.sched_getaffinity({pid}))

def sends_through_a_pair():
    socket.socketpair(type=socket.SOCK_DGRAM)[0].sendto(b"hello", {log!r})

def listens():
    socket.socket().listen()

def shares_memory():
    import ctypes
    libc = ctypes.CDLL(None)
    memory = libc.shmget(0, 4096, 0o1600)
    assert memory >= 0 and libc.shmctl(memory, 0, None) == 0  # IPC_RMID

def hides_memory():
    assert os.memfd_create("x") >= 0

def watches():
    import ctypes
    libc = ctypes.CDLL(None)
    assert libc.inotify_add_watch(libc.inotify_init(), {home!r}.encode(), 0xFFF) >= 0

def stays():
    ready, until_exec = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            with open(os.devnull, "r+") as null:
                for number in (0, 1, 2):
                    os.dup2(null.fileno(), number)
            code = "import time; time.sleep(600)"
            os.execv(sys.executable, [sys.executable, "-c", code, {marker!r}])
        os._exit(0)
    os.close(until_exec)
    os.wait()
    os.read(ready, 1)

for attack in ({names}):
    try:
        attack()
        told = "did"
    except BaseException as error:
        told = "failed " + type(error).__name__
    with open(os.environ["INDEXCACHE_BUILD_LOG"], "a") as log:
        log.write(attack.__name__ + " " + told + "\\n")
"""

BREACHES = (
    *("reads", "lists", "writes", "overwrites", "links"),
    *("connects", "sends_datagrams", "connects_locally", "sends_through_a_pair"),
    *("serves", "listens", "signals", "looks_into_pytest", "attaches", "limits", "slows"),
    *("shares_memory", "watches", "hides_memory", "spoils_releases", "removes"),
)
"""The attempts of an attack, none of which may succeed."""


def contents_of(folder: Path) -> list[tuple[str, bytes | None]]:
    """Return every path below a folder, with the bytes of regular files."""
    return [
        (str(path), path.read_bytes() if path.is_file() else None)
        for path in sorted(folder.rglob("*"))
    ]


@dataclass
class Outside:
    """The targets outside a play: a home folder with a secret, and servers that count requests."""

    folder: Path
    marker: str = field(default_factory=lambda: f"indexcache-{uuid4().hex}")
    visitors: list[str] = field(default_factory=list)
    ports: dict[str, int] = field(default_factory=dict)
    victim: int = 0

    @property
    def spoiled(self) -> Path:
        """Return the file that an attack writes into the folder of provisioned releases."""
        return cache_home() / f"canary-{self.marker}"

    @property
    def home(self) -> Path:
        """Return the home folder."""
        return self.folder / "home"

    @property
    def canary(self) -> Path:
        """Return the file that no attack may read or change."""
        return self.home / "secret"

    def state(self) -> list[tuple[str, bytes | None]]:
        """Return every path of the home folder with its bytes."""
        return contents_of(self.home)

    def attack(self, *names: str) -> str:
        """Return the code of an attack that makes these attempts."""
        return ATTACK.format(
            names="".join(f"{name}, " for name in names),
            canary=str(self.canary),
            home=str(self.home),
            spoiled=str(self.spoiled),
            log=str(self.folder / "log"),
            victim=self.victim,
            unix=str(self.folder / "socket"),
            tcp=self.ports["tcp"],
            udp=self.ports["udp"],
            pid=os.getpid(),
            marker=self.marker,
        )

    def left_running(self) -> list[str]:
        """Return the processes that an attack left running."""
        return processes_named(self.marker)


def processes_named(marker: str) -> list[str]:
    """Return the processes whose command line contains a word."""
    found = []
    for folder in Path("/proc").iterdir():
        with suppress(OSError):
            if folder.name.isdigit() and marker.encode() in (folder / "cmdline").read_bytes():
                found.append(folder.name)
    return found


VICTIM = """\
import ctypes, time
ctypes.CDLL(None).prctl(0x59616D61, -1)  # PR_SET_PTRACER_ANY, where Yama asks for it
print("ready", flush=True)
time.sleep(600)
"""


@contextmanager
def traceable_process() -> Iterator[int]:
    """Start a process that every process of this user may trace, and yield its process id."""
    with subprocess.Popen([sys.executable, "-c", VICTIM], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == b"ready\n"
            yield process.pid
        finally:
            process.kill()


def tracing_is_forbidden() -> bool:
    """Return whether this kernel forbids all tracing of processes."""
    scope = Path("/proc/sys/kernel/yama/ptrace_scope")
    return scope.exists() and int(scope.read_text()) >= 2


@contextmanager
def outside(folder: Path) -> Iterator[Outside]:
    """Create the home folder and the servers outside a play."""
    made = Outside(folder)
    made.home.mkdir(parents=True)
    made.canary.write_text(SECRET)
    tcp = socket.create_server(("127.0.0.1", 0))
    unix = socket.socket(socket.AF_UNIX)
    unix.bind(str(folder / "socket"))
    unix.listen()
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    made.ports = {"tcp": tcp.getsockname()[1], "udp": udp.getsockname()[1]}
    log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    log.bind(str(folder / "log"))
    servers = {"tcp": tcp, "unix": unix, "udp": udp, "log": log}
    threads = [
        threading.Thread(target=_serve, args=(name, server, made.visitors), daemon=True)
        for name, server in servers.items()
    ]
    for thread in threads:
        thread.start()
    try:
        with traceable_process() as made.victim:
            yield made
    finally:
        made.spoiled.unlink(missing_ok=True)
        for process in made.left_running():
            os.kill(int(process), signal.SIGKILL)
        for server in servers.values():
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            server.close()
        for thread in threads:
            thread.join(5)


def _serve(name: str, server: socket.socket, visitors: list[str]) -> None:
    while True:
        try:
            if name in ("udp", "log"):
                if not server.recv(100):
                    return
            else:
                server.accept()[0].close()
        except OSError:
            return
        visitors.append(name)


def unchecked(
    steps: Sequence[Mapping[str, Any]], files: Mapping[str, str] = {}, **tables: Any
) -> Scenario:
    """Return a scenario without a check of its commands and files."""
    packages: dict[str, Any] = {"six": {"1.17.0": {}}}
    pypi = {"url": "https://pypi.org/simple", "packages": packages}
    document = {"title": "an attack", "indexes": {"pypi": pypi}, "files": files, "steps": steps}
    return Scenario.model_validate({**document, **tables})


def split_unchecked(
    installer: str,
    command: str | Sequence[str],
    modules: Collection[str] = (),
) -> tuple[str, ...]:
    """Split a command line as the scenario language does, but without its checks."""
    words = shlex.split(command) if isinstance(command, str) else command
    return tuple(words[1:])


def needs_release(installer: str, request: pytest.FixtureRequest) -> None:
    """Skip the test if it needs a release of an installer and no index is reachable."""
    if installer != "reference":
        request.getfixturevalue("releases_can_be_had")


def play_attack(
    scenario: Scenario,
    installer: str | Installer,
    folder: Path,
    mode: ContainmentMode = ContainmentMode.AUTO,
) -> PlayResult:
    """Play an attack with an installer, in its own folder."""
    made = create_installer(RELEASES[installer]) if isinstance(installer, str) else installer
    (transport,) = transports_of(made, "inprocess")
    with PlaySession(contained=mode) as session:
        return session.play(scenario, "attack.toml", made, transport, folder / "play")


def told(folder: Path) -> dict[str, str]:
    """Return the attempts that an attack recorded, each with its result."""
    log = folder / "play" / ".builds"
    lines = log.read_text().splitlines() if log.exists() else []
    ended: dict[str, str] = {}
    for line in lines:
        name, _, how = line.partition(" ")
        ended.setdefault(name, how)  # a backend is imported for each hook
    return ended


BACKEND = """\
{attack}
def get_requires_for_build_wheel(config_settings=None):
    return []

get_requires_for_build_editable = get_requires_for_build_sdist = get_requires_for_build_wheel

def build_wheel(*arguments, **options):
    sys.exit("this backend builds nothing")

prepare_metadata_for_build_wheel = build_editable = build_sdist = build_wheel
"""


def hostile_project(attack: str, folder: str) -> dict[str, str]:
    """Return the files of a project whose build backend attacks when it is imported."""
    project = """\
[build-system]
requires = []
build-backend = "hostile"
backend-path = ["."]
[project]
name = "hostile"
dynamic = ["version"]
"""
    return {
        f"{folder}/pyproject.toml": project,
        f"{folder}/hostile.py": BACKEND.format(attack=attack),
    }
