"""Sockets of every kind that a contained Python tries to open."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from uuid import uuid4

import pytest

from pytest_indexcache.installers.containment.containment import system_containment

from .contained_commands import Grounds, needs_containment, python_command

pytestmark = needs_containment


@dataclass
class Listener:
    """A server outside the scenario that counts its connections."""

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
    """A contained process can connect to the gateway's port, and to no other port."""
    attack = (*python_command(CONNECT), listener.host, str(listener.port))
    assert grounds.run(*attack).returncode == 0
    assert listener.visitors == 1
    closed = system_containment(grounds.workspace, tcp_ports=(9,))
    done = grounds.run(*attack, containment=closed)
    assert "PermissionError" in done.stdout
    assert listener.visitors == 1
    opened = system_containment(grounds.workspace, tcp_ports=(listener.port,))
    done = grounds.run(*attack, containment=opened)
    assert done.returncode == 0, done.stdout
    assert listener.visitors == 2


SOCKET_ATTACKS = {
    "udp": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "udp-6": "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
    "unix": "socket.socket(socket.AF_UNIX).connect('../home/socket')",
    "unix-datagram": "socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)",
    "abstract": "socket.socket(socket.AF_UNIX).connect('\\0' + sys.argv[1])",
    "netlink": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "unix-datagrams": "socket.socketpair(type=socket.SOCK_DGRAM)[0].sendto(b'x', '../home/log')",
    "listen": "socket.create_server(('127.0.0.1', 0))",
    "listen-unbound": "socket.socket().listen()",
    "fast-open": "socket.socket().sendto(b'x', 0x20000000, ('127.0.0.1', 9))",
}


@pytest.fixture
def local_servers(grounds: Grounds) -> Iterator[str]:
    """Serve Unix sockets in the home folder, and an abstract socket whose name is yielded."""
    name = f"indexcache-{uuid4().hex}"
    with ExitStack() as stack:
        for address, kind in (
            (str(grounds.home / "socket"), socket.SOCK_STREAM),
            (str(grounds.home / "log"), socket.SOCK_DGRAM),
            (f"\0{name}", socket.SOCK_STREAM),
        ):
            server = stack.enter_context(socket.socket(socket.AF_UNIX, kind))
            server.bind(address)
            if kind == socket.SOCK_STREAM:
                server.listen()
        yield name


@pytest.mark.parametrize("attack", SOCKET_ATTACKS)
def test_no_other_socket_is_opened(attack: str, local_servers: str, grounds: Grounds) -> None:
    """Only a process that is not contained can open UDP, Unix, netlink or listening sockets."""
    code = (*python_command(SOCKET_ATTACKS[attack]), local_servers)
    free = grounds.run(*code)
    assert free.returncode == 0 or attack == "fast-open", free.stdout
    assert "PermissionError" not in free.stdout
    done = grounds.run(*code, containment=system_containment(grounds.workspace))
    assert "PermissionError" in done.stdout, done.stdout


def test_names_are_not_looked_up(grounds: Grounds) -> None:
    """A contained process cannot resolve a host name, but can use a loopback address."""
    containment = system_containment(grounds.workspace)
    done = grounds.run(
        *python_command("socket.getaddrinfo('indexcache.invalid', 443)"), containment=containment
    )
    assert "gaierror" in done.stdout
    done = grounds.run(
        *python_command("socket.getaddrinfo('127.0.0.1', 443)"), containment=containment
    )
    assert done.returncode == 0, done.stdout
