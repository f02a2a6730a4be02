"""Runs of downloads with one store, and an index that records requests."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

from packaging.utils import canonicalize_name
from packaging.version import Version

from pytest_indexcache.errors import ConnectionFailedError
from pytest_indexcache.messages import Headers
from pytest_indexcache.reference.fetch.download import Downloads
from pytest_indexcache.reference.fetch.download_variants import VariantDownloads
from pytest_indexcache.reference.http_cache.origin import StreamedResponse
from pytest_indexcache.reference.index.client import IndexClient
from pytest_indexcache.reference.store.run_folder import RunFolder
from pytest_indexcache.reference.store.wheel_store import WheelStore
from pytest_indexcache.reference.words.behaviour import CORRECT, Behaviour
from pytest_indexcache.reference.words.packages import IndexLocation, RemoteFile

DATA = b"the bytes of a wheel"
SHA256 = hashlib.sha256(DATA).hexdigest()
NO_STORE = Headers.of({"Cache-Control": "no-cache,no-store,must-revalidate"})


def chunks(data: bytes, *, breaks: bool = False) -> Iterator[bytes]:
    """Yield a body in two chunks, and raise an error between them if ``breaks`` is set."""
    yield data[:5]
    if breaks:
        raise ConnectionFailedError("peer closed connection")
    yield data[5:]


@dataclass
class Index(IndexClient):
    """A fake index client that returns bodies and records the requests."""

    bodies: dict[str, bytes] = field(default_factory=dict)
    headers: Headers = NO_STORE
    offline: bool = False
    breaks: int = 0
    parts: Literal["sent", "first", "whole", "refused"] = "sent"
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
    ) -> Iterator[StreamedResponse]:
        """Yield a response with the body at a URL."""
        self.asked.append((url, store))
        self.wait()
        self.breaks -= 1
        body = chunks(self.bodies[url], breaks=self.breaks >= 0)
        yield StreamedResponse(200, self.headers, body)

    @contextmanager
    def open_part(
        self,
        url: str,
        index: IndexLocation | None,  # noqa: ARG002
        wanted: str,
    ) -> Iterator[StreamedResponse | None]:
        """Yield a response to a range request: a part, the whole file, or None; see ``parts``."""
        self.wanted.append((url.rpartition("/")[2], wanted))
        self.breaks -= 1
        data = self.bodies[url]
        start = wanted.removeprefix("bytes=").partition("-")[0]
        first = int(start) if start and self.parts == "sent" else 0
        body = chunks(data[first:], breaks=self.breaks >= 0)
        content_range = f"bytes {first}-{len(data) - 1}/{len(data)}"
        part = StreamedResponse(206, self.headers.set("Content-Range", content_range), body)
        answers = {
            "sent": part,
            "first": part,
            "whole": StreamedResponse(200, self.headers, body),
        }
        yield answers.get(self.parts)


@dataclass
class Setup:
    """A wheel store with an index, and the runs of the installer that use them."""

    folder: Path
    index: Index
    journal: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    @contextmanager
    def run(self, behaviour: Behaviour = CORRECT) -> Iterator[Downloads]:
        """Yield the downloads of a run of the installer, and end the run afterwards."""
        store = WheelStore(self.folder / "store", journal=self.journal.append)
        folder = RunFolder(self.folder / "store" / "runs")
        make: Callable[..., Downloads] = Downloads
        if behaviour != CORRECT:
            make = partial(VariantDownloads, behaviour=behaviour)
        with make(
            self.index,
            store,
            folder,
            journal=self.journal.append,
            say=self.said.append,
        ) as downloads:
            try:
                yield downloads
            finally:
                folder.close()

    def fetch(self, file: RemoteFile, behaviour: Behaviour = CORRECT) -> bytes:
        """Fetch a file in a separate run, and return its bytes."""
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
    """Return a file as an index lists it."""
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
