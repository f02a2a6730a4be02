"""The contract of an adapter that drives an index server."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ServedFile:
    """A file to put on a server; ``requires_python`` is empty for any Python."""

    project: str
    version: str
    filename: str
    content: bytes
    requires_python: str = ""


class RunningServer(Protocol):
    """A server that is running."""

    @property
    def url(self) -> str:
        """The folder of its simple pages."""

    def put(self, file: ServedFile) -> None:
        """Publish a file, or replace the one of its name."""

    def remove(self, file: ServedFile) -> None:
        """Delete a file."""

    def yank(self, file: ServedFile, reason: str | None) -> None:
        """Yank a file, or take that back; raises CapabilityError if the server cannot."""


class ServerAdapter(Protocol):
    """A kind of server, in a release that is installed."""

    name: str
    version: str

    def start(
        self, folder: Path, users: Mapping[str, str]
    ) -> AbstractContextManager[RunningServer]:
        """Run a server without files in an empty folder until the end of the block.

        With ``users``, names and passwords, nobody else may read.

        :raises CapabilityError: if the server has no such users
        :raises PlayError: if it does not start
        """
