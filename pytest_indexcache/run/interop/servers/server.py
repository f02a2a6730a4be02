"""The interface of adapters for index servers."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ServedFile:
    """A file to upload to a server; an empty ``requires_python`` allows any Python."""

    project: str
    version: str
    filename: str
    content: bytes
    requires_python: str = ""


class RunningServer(Protocol):
    """The interface of a running server."""

    @property
    def url(self) -> str:
        """The base URL of the server's simple pages."""

    def put(self, file: ServedFile) -> None:
        """Publish a file, or replace the file of the same name."""

    def remove(self, file: ServedFile) -> None:
        """Delete a file."""

    def yank(self, file: ServedFile, reason: str | None) -> None:
        """Yank or unyank a file; raise CapabilityError if the server does not support this."""


class ServerAdapter(Protocol):
    """The interface of an adapter for one installed release of a server."""

    name: str
    version: str

    def start(
        self, folder: Path, users: Mapping[str, str]
    ) -> AbstractContextManager[RunningServer]:
        """Run an empty server until the ``with`` block ends.

        The server stores its data in ``folder``, which is empty at first. ``users`` maps names to
        passwords; if there are any users, only they have read access.

        :raises CapabilityError: if the server cannot restrict read access
        :raises PlayError: if the server does not start
        """
