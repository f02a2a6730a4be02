"""The fake index on the wire beside pypiserver, in one run: requests and megabytes a second.

Both serve the same files, each in a process of its own, to the same client. Every measurement is
taken in every round, one after the other, and the table shows medians. Run it from the top folder:

    python -m benchmarks.fake_index --rounds 5
"""

from __future__ import annotations

import argparse
import json
import resource
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

HOST: Final = "index.example"
PAGE: Final = "/simple/small/"
SMALL: Final = "small-1.0-py3-none-any.whl"
LARGE: Final = "large-1.0-py3-none-any.whl"
CONNECTIONS: Final = 16


class Connection:
    """A keep-alive HTTP/1.1 connection that does as little as it can beside the server's work."""

    def __init__(self, port: int, *, prefix: str = "", ca_file: str | None = None) -> None:
        self._port = port
        self._prefix = prefix
        self._settings = ssl.create_default_context(cafile=ca_file) if ca_file else None
        self._socket: socket.socket | None = None
        self._buffer = bytearray(1 << 18)

    def get(self, path: str, write: Callable[[bytes | memoryview], object] = len) -> int:
        """Ask for a path, and return the number of bytes that came; raise OSError for less."""
        connection = self._socket or self._connect()
        connection.sendall(
            f"GET {self._prefix}{path} HTTP/1.1\r\nHost: {HOST}\r\nAccept: text/html\r\n"
            "User-Agent: benchmark\r\n\r\n".encode()
        )
        data = b""
        while b"\r\n\r\n" not in data:
            piece = connection.recv(1 << 16)
            if not piece:
                raise OSError("the server closed the connection")
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        fields = head.lower().split(b"\r\n")
        if b" 200 " not in fields[0]:
            raise OSError(f"{path}: {fields[0].decode()}")
        length = next(int(f[15:]) for f in fields if f.startswith(b"content-length:"))
        write(body)
        left = length - len(body)
        while left:
            count = connection.recv_into(self._buffer)
            if not count:
                raise OSError("the body ended early")
            write(memoryview(self._buffer)[:count])
            left -= count
        if fields[0].startswith(b"http/1.0") or b"connection: close" in fields:
            self.close()
        return length

    def _connect(self) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self._port), 30)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._settings:
            connection.sendall(f"CONNECT {HOST}:443 HTTP/1.1\r\nHost: {HOST}:443\r\n\r\n".encode())
            if b" 200 " not in connection.recv(1 << 12):
                raise OSError("no tunnel")
            connection = self._settings.wrap_socket(connection, server_hostname=HOST)
        self._socket = connection
        return connection

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def serve() -> None:
    """Serve the fake index until standard input ends; answer each line with the peak of memory."""
    from pytest_indexcache.index.indexes import FakeIndexes
    from pytest_indexcache.index.wire.gateway import serve as open_gateway
    from pytest_indexcache.scenario.tables.indexes import Index

    packages = {"small": {"1.0": {}}, "large": {"1.0": {"padding": "500 MB"}}}
    index = Index.model_validate({"url": f"https://{HOST}/simple", "packages": packages})
    recorded = 0

    def record(_: object) -> None:
        nonlocal recorded
        recorded += 1

    with open_gateway(FakeIndexes({"index": index}), record=record, clock=time.time) as gateway:
        port = int(gateway.proxy_url.rpartition(":")[2])
        print(json.dumps({"port": port, "ca_file": str(gateway.ca_file)}), flush=True)
        for _ in sys.stdin:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(json.dumps({"peak": peak, "recorded": recorded}), flush=True)


@dataclass
class FakeIndexProcess:
    """The fake index, in a process of its own."""

    process: subprocess.Popen[str]
    port: int
    ca_file: str

    def ask(self) -> dict[str, Any]:
        """Return the peak of its memory in MiB, and how many exchanges it recorded."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return dict(json.loads(self.process.stdout.readline()))

    def plain(self) -> Connection:
        """Connect for http URLs."""
        return Connection(self.port, prefix=f"http://{HOST}")

    def tunnel(self) -> Connection:
        """Connect for https URLs."""
        return Connection(self.port, ca_file=self.ca_file)


@contextmanager
def fake_index() -> Iterator[FakeIndexProcess]:
    """Run the fake index."""
    command = [sys.executable, "-m", "benchmarks.fake_index", "--serve"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield FakeIndexProcess(process, **json.loads(process.stdout.readline()))
        assert process.stdin is not None
        process.stdin.close()


@contextmanager
def pypiserver(folder: Path) -> Iterator[Connection]:
    """Run pypiserver, as it comes, on a folder of files."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "pypiserver", "run", "--disable-fallback"]
    command += ["--interface", "127.0.0.1", "--port", str(port), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        connection = Connection(port)
        deadline = time.monotonic() + 30
        while True:
            try:
                connection.get(PAGE)
                break
            except ConnectionRefusedError:
                if process.poll() is not None or time.monotonic() > deadline:
                    sys.exit("pypiserver does not start: is it installed? pip install pypiserver")
                time.sleep(0.05)
        yield connection
        connection.close()
        process.terminate()


@dataclass
class Measurements:
    """What was measured, round by round, by what and of what."""

    figures: dict[tuple[str, str], list[float]] = field(default_factory=dict)

    def add(self, what: str, of: str, figure: float) -> None:
        """Note a figure."""
        self.figures.setdefault((what, of), []).append(figure)

    def median(self, what: str, of: str) -> float:
        """Return the median of a figure over the rounds."""
        return statistics.median(self.figures[what, of])


def requests_a_second(connection: Connection, path: str, count: int) -> float:
    """Ask for a path again and again on one connection."""
    connection.get(path)
    start = time.perf_counter()
    for _ in range(count):
        connection.get(path)
    return count / (time.perf_counter() - start)


def megabytes_a_second(connection: Connection, path: str) -> float:
    """Take a large file once."""
    start = time.perf_counter()
    length = connection.get(path)
    return length / (time.perf_counter() - start) / 1e6


def many_at_once(index: FakeIndexProcess, count: int) -> tuple[float, int]:
    """Ask on 16 tunnels at once; return requests a second and the number of errors."""

    def ask(_: int) -> int:
        connection, errors = index.tunnel(), 0
        for _ in range(count // CONNECTIONS):
            try:
                connection.get(PAGE)
            except OSError:
                errors += 1
                connection.close()
        connection.close()
        return errors

    start = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        errors = sum(pool.map(ask, range(CONNECTIONS)))
    asked = count // CONNECTIONS * CONNECTIONS
    return asked / (time.perf_counter() - start), errors


def download(index: FakeIndexProcess, folder: Path) -> None:
    """Put the fake index's own files where pypiserver serves them."""
    connection = index.plain()
    for name in (SMALL, LARGE):
        with (folder / name).open("wb") as file:
            connection.get(f"/simple/{name.partition('-')[0]}/{name}", file.write)
    connection.close()


def measure(index: FakeIndexProcess, peer: Connection, options: argparse.Namespace) -> Measurements:
    """Measure everything once in each round, side by side."""
    found = Measurements()
    plain, tunnel = index.plain(), index.tunnel()
    for _ in range(options.rounds):
        for what, path, peer_path in (
            ("simple page", PAGE, PAGE),
            ("small wheel", f"/simple/small/{SMALL}", f"/packages/{SMALL}"),
        ):
            found.add(what, "plain", requests_a_second(plain, path, options.requests))
            found.add(what, "pypiserver", requests_a_second(peer, peer_path, options.requests))
            found.add(what, "TLS", requests_a_second(tunnel, path, options.requests))
        found.add("large wheel", "plain", megabytes_a_second(plain, f"/simple/large/{LARGE}"))
        found.add("large wheel", "pypiserver", megabytes_a_second(peer, f"/packages/{LARGE}"))
        found.add("large wheel", "TLS", megabytes_a_second(tunnel, f"/simple/large/{LARGE}"))
        figure, errors = many_at_once(index, options.requests)
        found.add("16 tunnels", "TLS", figure)
        found.add("16 tunnels", "errors", errors)
    plain.close()
    tunnel.close()
    return found


def report(found: Measurements) -> None:
    """Print the table of medians."""
    print(f"{'':24}{'fake index':>12}{'pypiserver':>12}{'ratio':>8}{'over TLS':>12}{'ratio':>8}")
    for what, unit in (("simple page", "/s"), ("small wheel", "/s"), ("large wheel", "MB/s")):
        plain, peer = found.median(what, "plain"), found.median(what, "pypiserver")
        tls = found.median(what, "TLS")
        figures = f"{plain:>12.0f}{peer:>12.0f}{plain / peer:>8.2f}{tls:>12.0f}{tls / plain:>8.2f}"
        print(f"{what + ', ' + unit:24}{figures}")
    tls, errors = found.median("16 tunnels", "TLS"), sum(found.figures["16 tunnels", "errors"])
    print(f"{'16 tunnels at once, /s':24}{tls:>52.0f}{errors:>8.0f} errors")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="rounds of measuring (default: 5)")
    parser.add_argument(
        "--requests", type=int, default=1000, help="requests a measurement (default: 1000)"
    )
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve()
        return
    with tempfile.TemporaryDirectory() as name, fake_index() as index:
        before = index.ask()
        download(index, Path(name))
        with pypiserver(Path(name)) as peer:
            report(measure(index, peer, options))
        after = index.ask()
    print(
        f"memory of the fake index at its peak: {before['peak']:.0f} MiB before, "
        f"{after['peak']:.0f} MiB after {after['recorded']} exchanges"
    )


if __name__ == "__main__":
    main()
