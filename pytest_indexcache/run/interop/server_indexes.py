"""Serve an index's files from a real server: upload the files, and forward requests."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_indexcache.errors import CapabilityError
from pytest_indexcache.index.fake_index import FakeIndex
from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.index.offers.published import FIRST_DAY, PublishedFile
from pytest_indexcache.index.upstreams.upstream import Upstream
from pytest_indexcache.index.upstreams.upstream_indexes import UpstreamIndexes
from pytest_indexcache.messages import HostPort, Request, Response
from pytest_indexcache.run.interop.servers.server import RunningServer, ServedFile
from pytest_indexcache.scenario.tables.indexes import Index
from pytest_indexcache.scenario.tables.steps import Change, Delete, Publish, Replace, Yank

INDEX = "main"
"""The name of the only index of an interop scenario."""


class ServerIndexes(FakeIndexes):
    """The index of an interop scenario, served by a real server with the same files.

    The fake index's files are uploaded to the server at the start, and after each change.
    """

    def __init__(self, indexes: Mapping[str, Index], server: RunningServer) -> None:
        super().__init__(indexes)
        self._server = server
        self._passed = UpstreamIndexes([Upstream(INDEX, server.url, indexes[INDEX].url)])
        self._there: dict[str, PublishedFile] = {}
        self._bring()

    @property
    def origins(self) -> frozenset[HostPort]:
        """The host and the port of the index."""
        return self._passed.origins

    def handle(self, request: Request, now: float) -> Response:
        """Forward a request to the server."""
        return self._passed.handle(request, now)

    def close(self) -> None:
        """Close the connections to the server."""
        self._passed.close()

    def apply(self, change: Change, now: float = FIRST_DAY) -> None:
        """Apply a change to the fake index, and to the server.

        :raises CapabilityError: if the adapter cannot make the change
        """
        if not isinstance(change, Publish | Replace | Delete | Yank):
            raise CapabilityError("interop", f"no server is told to {change.do}")
        super().apply(change, now)
        self._bring()

    def _bring(self) -> None:
        """Update the server so that it has the same files as the fake index."""
        index: FakeIndex = self[INDEX]
        wanted = {file.filename: file for file in index.files.values()}
        for name in self._there.keys() - wanted.keys():
            self._server.remove(_served(self._there[name]))
        for name, file in wanted.items():
            before = self._there.get(name)
            if before is None or _digest(before) != _digest(file):
                self._server.put(_served(file))
            if (before.yanked if before else None) != file.yanked:
                self._server.yank(_served(file), file.yanked)
        self._there = wanted


def _digest(file: PublishedFile) -> str:
    return file.distribution.digests.sha256


def _served(file: PublishedFile) -> ServedFile:
    content = file.distribution.content
    data = b"".join(content.chunks(0, content.length))
    python = file.release.requires_python or ""
    return ServedFile(file.project, file.version, file.filename, data, python)
