"""Runs of downloads over one store, and an index that counts who asks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from packaging.utils import canonicalize_name
from packaging.version import Version

from pytest_indexcache.errors import ConnectionFailedError
from pytest_indexcache.messages import Headers
from pytest_indexcache.reference.fetch.download import Downloads
from pytest_indexcache.reference.http_cache.rules.cache_freshness import ByteRange
from pytest_indexcache.reference.store.run_folder import RunFolder
from pytest_indexcache.reference.store.wheel_store import WheelStore
from pytest_indexcache.reference.words.behaviour import CORRECT, Behaviour
from pytest_indexcache.reference.words.packages import IndexLocation, RemoteFile

DATA = b"the bytes of a wheel"
SHA256 = hashlib.sha256(DATA).hexdigest()
NO_STORE = Headers.of({"Cache-Control": "no-cache,no-store,must-revalidate"})


@dataclass
class Body:
    """A response that yields its body in two pieces, and breaks off where it shall."""

    data: bytes
    headers: Headers
    breaks: bool = False
    part: ByteRange | None = None

    def chunks(self) -> Iterator[bytes]:
        """Yield the body."""
        yield self.data[:5]
        if self.breaks:
            raise ConnectionFailedError("peer closed connection")
        yield self.data[5:]


@dataclass
class Index:
    """What stands for the client of an index: it gives out bodies and counts who asks."""

    bodies: dict[str, bytes] = field(default_factory=dict)
    headers: Headers = NO_STORE
    offline: bool = False
    breaks: int = 0
    parts: Literal["sent", "whole", "refused"] = "sent"
    asked: list[tuple[str, bool]] = field(default_factory=list)
    wanted: list[tuple[str, str]] = field(default_factory=list)
    wait: Callable[[], object] = lambda: None

    @contextmanager
    def open_file(
        self,
        url: str,
        index: IndexLocation | None,  # noqa: ARG002
        *,
        store: bool,
    ) -> Iterator[Body]:
        """Give out the body at a URL."""
        self.asked.append((url, store))
        self.wait()
        self.breaks -= 1
        yield Body(self.bodies[url], self.headers, breaks=self.breaks >= 0)

    @contextmanager
    def open_part(
        self,
        url: str,
        index: IndexLocation | None,  # noqa: ARG002
        wanted: str,
    ) -> Iterator[Body | None]:
        """Give out what ``parts`` says: all as a part, the whole, or nothing."""
        self.wanted.append((url.rpartition("/")[2], wanted))
        self.breaks -= 1
        body = Body(self.bodies[url], self.headers, breaks=self.breaks >= 0)
        length = len(body.data)
        body.part = ByteRange(0, length - 1, length) if self.parts == "sent" else None
        yield None if self.parts == "refused" else body


@dataclass
class Setup:
    """A fresh run over one store, as often as a test needs one."""

    folder: Path
    index: Index
    journal: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    @contextmanager
    def run(self, behaviour: Behaviour = CORRECT) -> Iterator[Downloads]:
        """Begin a run of the installer, and end it."""
        store = WheelStore(self.folder / "store", behaviour=behaviour, journal=self.journal.append)
        folder = RunFolder(self.folder / "store" / "runs")
        with Downloads(
            lambda: self.index,
            store,
            folder,
            behaviour=behaviour,
            journal=self.journal.append,
            say=self.said.append,
        ) as downloads:
            try:
                yield downloads
            finally:
                folder.close()

    def fetch(self, file: RemoteFile, behaviour: Behaviour = CORRECT) -> bytes:
        """Fetch a file in a run of its own, and return its bytes."""
        with self.run(behaviour) as downloads:
            return downloads.fetch(file).read_bytes()


def remote(
    *,
    name: str = "demo",
    size: int | None = None,
    url: str | None = None,
    index: IndexLocation | None = None,
    **hashes: str,
) -> RemoteFile:
    """Make a file as an index lists it."""
    filename = f"{name}-1.0-py3-none-any.whl"
    return RemoteFile(
        filename,
        url or f"https://files.example/{filename}",
        canonicalize_name(name),
        Version("1.0"),
        hashes,
        size=size,
        index=index,
    )
