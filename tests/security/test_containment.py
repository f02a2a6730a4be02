"""Attacks from within the walls, tried by a contained Python and a contained shell.

Each attack is a line that ends with exit code 0 where it succeeds. It is run without walls first:
an attack that fails by itself would prove nothing.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_indexcache.errors import ContainmentError, PlayError
from pytest_indexcache.installers.containment.containment import (
    Containment,
    system_containment,
)
from pytest_indexcache.installers.containment.kernel import kernel_walls
from pytest_indexcache.installers.containment.starts import start_contained
from pytest_indexcache.installers.contract.installer import Workspace
from pytest_indexcache.installers.processes.process import run_command
from pytest_indexcache.installers.processes.walls import confinement_of, workspace_walls
from pytest_indexcache.reference.environment import Environment
from pytest_indexcache.reference.installing.interpreter import running_interpreter
from pytest_indexcache.reference.installing.waiting_python import WaitingPython
from pytest_indexcache.run.plays.imports import importing

from .grounds import contents_of

WALLS = kernel_walls()

pytestmark = pytest.mark.skipif(not WALLS.can_contain, reason=WALLS.words)

SECRET = "the secret of the canary\n"


@dataclass(frozen=True)
class Grounds:
    """A workspace, and a home folder outside with a canary file."""

    workspace: Path
    home: Path

    @property
    def canary(self) -> Path:
        """The file that nobody may read or change."""
        return self.home / "secret"

    def state(self) -> list[tuple[str, bytes | None]]:
        """Return every path of the home folder with its bytes."""
        return contents_of(self.home)

    def run(
        self, *command: str, walls: Containment | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the workspace, contained or not, and return how it ended."""

        def start() -> subprocess.Popen[str]:
            return subprocess.Popen(
                command,
                cwd=self.workspace,
                env={"PATH": "/usr/bin:/bin", "HOME": str(self.home)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )

        process = start() if walls is None else start_contained(walls, start)
        output, _ = process.communicate(timeout=60)
        return subprocess.CompletedProcess(command, process.returncode, output)


@pytest.fixture
def grounds(tmp_path: Path) -> Grounds:
    """Return a workspace and a home folder outside."""
    grounds = Grounds(tmp_path / "workspace", tmp_path / "home")
    for folder in (grounds.workspace, grounds.home):
        folder.mkdir()
    grounds.canary.write_text(SECRET)
    return grounds


def _python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-I", "-S", "-c", f"import os, socket, sys; {code}")


def _shell(line: str) -> tuple[str, ...]:
    return ("sh", "-c", line)


FILE_ATTACKS = {
    "read-python": _python("print(open('../home/secret').read())"),
    "read-shell": _shell("cat ../home/secret"),
    "read-by-symlink": _shell("ln -s ../home/secret link && cat link"),
    "read-by-proc": _shell("cat /proc/self/cwd/../home/secret"),
    "list-python": _python("print(os.listdir('../home'))"),
    "list-shell": _shell("ls ../home | grep secret"),
    "write-python": _python("open('../home/new', 'w').write('x')"),
    "write-shell": _shell("echo x > ../home/new"),
    "append": _shell("echo x >> ../home/secret"),
    "overwrite": _shell("cp /etc/passwd ../home/secret"),
    "write-by-symlink": _shell("ln -s ../home/new link && echo x > link"),
    "make-folder": _shell("mkdir ../home/new"),
    "make-fifo": _python("os.mkfifo('../home/new')"),
    "symlink-outside": _shell("ln -s /etc/passwd ../home/new"),
    "hardlink-in": _python("os.link('../home/secret', 'link')"),
    "hardlink-out": _shell("echo x > file && ln file ../home/new"),
    "rename-in": _python("os.rename('../home/secret', 'moved')"),
    "rename-out": _shell("echo x > file && mv file ../home/new"),
    "rename-outside": _python("os.rename('../home/secret', '../home/new')"),
    "unlink-python": _python("os.unlink('../home/secret')"),
    "unlink-shell": _shell("rm -f ../home/secret"),
    "truncate": _python("os.truncate('../home/secret', 0)"),
    "execute": _shell("../home/program"),
    "execute-by-loader": _python("sys.exit(os.spawnl(os.P_WAIT, '../home/program', 'program'))"),
}


@pytest.mark.parametrize("attack", FILE_ATTACKS)
def test_files_outside_are_out_of_reach(attack: str, grounds: Grounds) -> None:
    """A contained process neither reads, changes nor runs a file outside the workspace."""
    program = grounds.home / "program"
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(0o755)
    before = grounds.state()
    done = grounds.run(*FILE_ATTACKS[attack], walls=system_containment(grounds.workspace))
    assert done.returncode != 0, done.stdout
    assert SECRET not in done.stdout
    assert grounds.state() == before


@pytest.mark.parametrize("attack", FILE_ATTACKS)
def test_attacks_on_files_succeed_without_walls(attack: str, grounds: Grounds) -> None:
    """Each attack on a file succeeds where nothing stops it, so that a refusal is the wall's."""
    program = grounds.home / "program"
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(0o755)
    done = grounds.run(*FILE_ATTACKS[attack])
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "attack", ["os.chmod('../home/secret', 0o777)", "os.utime('../home/secret', (1, 1))"]
)
@pytest.mark.xfail(reason="Landlock does not know chmod, chown and utime, which open no file")
def test_attributes_of_files_outside_are_out_of_reach(attack: str, grounds: Grounds) -> None:
    """A contained process changes neither mode nor times of a file outside the workspace."""
    done = grounds.run(*_python(attack), walls=system_containment(grounds.workspace))
    assert done.returncode != 0


@dataclass
class Listener:
    """A server outside the scenario, which counts who reached it."""

    host: str
    port: int
    visitors: int = 0


@pytest.fixture(params=["127.0.0.1", "::1"])
def listener(request: pytest.FixtureRequest) -> Iterator[Listener]:
    """Yield a listener on loopback."""
    host = request.param
    try:
        server = socket.create_server(
            (host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET
        )
    except OSError as error:
        pytest.skip(f"no listener on {host}: {error}")
    found = Listener(host, server.getsockname()[1])

    def accept() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                found.visitors += 1
                connection.sendall(b"hello")

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield found
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(5)


CONNECT = "[socket.create_connection((sys.argv[1], int(sys.argv[2]))).recv(5) or sys.exit(1)]"


def test_the_allowed_port_is_reached_and_no_other(listener: Listener, grounds: Grounds) -> None:
    """A connection to the gateway's port is made; the same to another port never arrives."""
    attack = (*_python(CONNECT), listener.host, str(listener.port))
    assert grounds.run(*attack).returncode == 0
    assert listener.visitors == 1
    closed = system_containment(grounds.workspace, tcp_ports=(9,))
    done = grounds.run(*attack, walls=closed)
    assert "PermissionError" in done.stdout
    assert listener.visitors == 1
    opened = system_containment(grounds.workspace, tcp_ports=(listener.port,))
    done = grounds.run(*attack, walls=opened)
    assert done.returncode == 0, done.stdout
    assert listener.visitors == 2


SOCKET_ATTACKS = {
    "udp": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "udp-6": "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
    "unix": "socket.socket(socket.AF_UNIX).connect('../home/socket')",
    "unix-datagram": "socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)",
    "abstract": "socket.socket(socket.AF_UNIX).connect('\\0indexcache-canary')",
    "netlink": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "listen": "socket.create_server(('127.0.0.1', 0))",
    "fast-open": "socket.socket().sendto(b'x', 0x20000000, ('127.0.0.1', 9))",
}


@pytest.mark.parametrize("attack", SOCKET_ATTACKS)
def test_no_other_socket_is_opened(attack: str, grounds: Grounds) -> None:
    """UDP, Unix, netlink and listening sockets are refused to a contained process."""
    named, abstract = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
    with named, abstract:
        named.bind(str(grounds.home / "socket"))
        abstract.bind("\0indexcache-canary")
        named.listen()
        abstract.listen()
        code = _python(SOCKET_ATTACKS[attack])
        free = grounds.run(*code)
        done = grounds.run(*code, walls=system_containment(grounds.workspace))
    assert "PermissionError" not in free.stdout
    assert "PermissionError" in done.stdout, done.stdout


def test_names_are_not_looked_up(grounds: Grounds) -> None:
    """A host name is not resolved by DNS, and an address on loopback needs no lookup."""
    walls = system_containment(grounds.workspace)
    done = grounds.run(*_python("socket.getaddrinfo('indexcache.invalid', 443)"), walls=walls)
    assert "gaierror" in done.stdout
    done = grounds.run(*_python("socket.getaddrinfo('127.0.0.1', 443)"), walls=walls)
    assert done.returncode == 0, done.stdout


PROCESS_ATTACKS = {
    "signal-python": "os.kill(int(sys.argv[1]), 0)",
    "environment": "open(f'/proc/{sys.argv[1]}/environ').read(1) or sys.exit(1)",
    "memory-map": "open(f'/proc/{sys.argv[1]}/maps').read(1) or sys.exit(1)",
    "memory": "open(f'/proc/{sys.argv[1]}/mem', 'rb')",
    "open-files": "os.readlink(f'/proc/{sys.argv[1]}/fd/0')",
    "root": "os.listdir(f'/proc/{sys.argv[1]}/root/')",
    "attach": "import ctypes; sys.exit(ctypes.CDLL(None).ptrace(16, int(sys.argv[1]), 0, 0) != 0)",
}


@pytest.mark.parametrize("attack", PROCESS_ATTACKS)
def test_other_processes_are_out_of_reach(attack: str, grounds: Grounds) -> None:
    """A contained process neither signals nor looks into a process outside."""
    if attack == "signal-python" and WALLS.landlock_abi < 6:
        pytest.skip(f"landlock {WALLS.landlock_abi} does not know signals; 6 does")
    code = (*_python(PROCESS_ATTACKS[attack]), str(os.getpid()))
    done = grounds.run(*code, walls=system_containment(grounds.workspace))
    assert done.returncode != 0, done.stdout


def test_shell_signals_its_own_children_alone(grounds: Grounds) -> None:
    """A contained shell ends a process that it started, and no other."""
    if WALLS.landlock_abi < 6:
        pytest.skip(f"landlock {WALLS.landlock_abi} does not know signals; 6 does")
    walls = system_containment(grounds.workspace)
    assert grounds.run(*_shell("sleep 60 & kill $!"), walls=walls).returncode == 0
    assert grounds.run(*_shell(f"kill -0 {os.getpid()}"), walls=walls).returncode != 0


def test_children_inherit_the_walls(grounds: Grounds) -> None:
    """A process that a contained process starts in a session of its own is contained, too."""
    walls = system_containment(grounds.workspace)
    done = grounds.run(*_shell("setsid sh -c 'sh -c \"cat ../home/secret\"'"), walls=walls)
    assert (done.returncode != 0, SECRET in done.stdout) == (True, False)


def test_work_in_the_workspace_is_left_alone(grounds: Grounds) -> None:
    """Within the workspace files are made, linked, moved between folders, run and removed."""
    line = (
        "mkdir -p a b && echo '#!/bin/sh' > a/x && chmod 755 a/x && a/x && ln a/x b/y && mv b/y a/z"
        " && ln -s z a/l && : > a/z && rm -r a b && echo done > /dev/null"
    )
    done = grounds.run(*_shell(line), walls=system_containment(grounds.workspace))
    assert done.returncode == 0, done.stdout


def test_walls_do_not_bind_this_process(grounds: Grounds) -> None:
    """After a contained start this process reads and writes what it could before."""
    grounds.run("true", walls=system_containment(grounds.workspace))
    grounds.canary.write_text("changed by the test itself")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM):
        assert grounds.canary.read_text() == "changed by the test itself"


def test_rights_are_not_gained_by_a_program(grounds: Grounds) -> None:
    """A contained process runs with no_new_privs, so that a set-user-ID program gives no rights."""
    done = grounds.run(
        *_shell("grep NoNewPrivs /proc/self/status"), walls=system_containment(grounds.workspace)
    )
    assert done.stdout.split() == ["NoNewPrivs:", "1"]


def test_root_keeps_no_capability_but_those_of_files(grounds: Grounds) -> None:
    """A program that root starts has no capability that reaches past files."""
    done = grounds.run(
        *_shell("grep CapEff /proc/self/status"), walls=system_containment(grounds.workspace)
    )
    assert int(done.stdout.split()[1], 16) & ~0b11011 == 0


def test_commands_of_an_installer_run_between_the_walls(grounds: Grounds) -> None:
    """A command that is run for a contained workspace writes there and reads nothing outside."""
    workspace = Workspace(grounds.workspace, is_contained=True)
    finished = run_command(
        _shell("echo x > file; cat ../home/secret; cat file"),
        folder=grounds.workspace,
        environment={"PATH": "/usr/bin:/bin"},
        containment=workspace_walls(workspace, Path("/bin/sh")),
    )
    assert finished.succeeded, finished.output
    assert SECRET not in finished.output
    assert "Permission denied" in finished.output


def test_imports_run_between_the_walls(grounds: Grounds) -> None:
    """A module of a contained venv that reads a file outside cannot be imported."""
    venv = grounds.workspace / ".venv"
    Environment.create(venv, running_interpreter(), grounds.home.parent / "templates")
    package = next(venv.glob("lib/python*/site-packages")) / "greedy.py"
    package.write_text(f"secret = open({str(grounds.canary)!r}).read()\nplain = 1")
    with importing(venv, ["greedy.secret"], Workspace(grounds.workspace)) as values:
        assert values() == {"greedy.secret": SECRET}
    walled = Workspace(grounds.workspace, is_contained=True)
    known = frozenset({running_interpreter().executable.resolve()})
    with importing(venv, ["json.__name__"], walled, known) as values:
        assert values() == {"json.__name__": "json"}
    with importing(venv, ["greedy.secret"], walled, known) as values:
        assert "PermissionError" in values()["greedy.secret"]


def test_imports_use_no_program_that_an_installer_put_in_the_place_of_python(
    grounds: Grounds,
) -> None:
    """A venv whose Python is a link to another program opens nothing, and runs it contained."""
    venv = grounds.workspace / ".venv"
    (venv / "bin").mkdir(parents=True)
    program = grounds.workspace / "program"
    program.write_text(f"#!/bin/sh\ncat {grounds.canary} > {grounds.workspace}/stolen\n")
    program.chmod(0o755)
    walled = Workspace(grounds.workspace, is_contained=True)
    outside = grounds.home / "program"
    outside.write_text(program.read_text())
    outside.chmod(0o755)
    for target in (program, outside):
        (venv / "bin" / "python").unlink(missing_ok=True)
        (venv / "bin" / "python").symlink_to(target)
        known = frozenset({running_interpreter().executable.resolve()})
        with importing(venv, ["json"], walled, known) as values, pytest.raises(PlayError):
            values()
        assert not (grounds.workspace / "stolen").exists()


LEAVES_A_DAEMON = """\
def work(seconds):
    if not os.fork():
        if not os.fork():
            os.setsid()
            os.execv("/bin/sleep", ["sleep", seconds])
        os._exit(0)
    os.wait()
"""


def test_an_answer_comes_when_nothing_of_the_work_is_left(grounds: Grounds) -> None:
    """A process that the fork of a waiting Python leaves behind is gone before the answer."""
    walls = confinement_of(system_containment(grounds.workspace))
    python = WaitingPython(Path(sys.executable).resolve(), LEAVES_A_DAEMON, walls)
    seconds = f"600.{os.getpid()}"
    try:
        for _ in range(20):
            python.ask(seconds, limits=walls.limits)
            assert _sleeping(seconds) == []
    finally:
        python.end(at_once=True)


def _sleeping(seconds: str) -> list[str]:
    found = []
    for folder in Path("/proc").iterdir():
        with suppress(OSError):
            if (folder / "cmdline").read_bytes() == f"sleep\0{seconds}\0".encode():
                found.append(folder.name)
    return found


def test_an_error_of_the_start_is_raised(grounds: Grounds) -> None:
    """What the start raises in its thread is raised to the caller."""
    with pytest.raises(FileNotFoundError):
        grounds.run("/nowhere/program", walls=system_containment(grounds.workspace))


def test_a_refusal_of_the_kernel_is_told(grounds: Grounds) -> None:
    """A description that the kernel refuses raises ContainmentError, and nothing is started."""
    with pytest.raises(ContainmentError, match="allow connections to port 70000"):
        grounds.run("true", walls=Containment(tcp_ports=(70000,)))
