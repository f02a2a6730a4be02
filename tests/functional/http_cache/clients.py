"""Clients of one cache folder, and the indexes that they use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pytest_indexcache.reference.http_cache.origin import HttpxOrigin
from pytest_indexcache.reference.index.client import IndexClient
from pytest_indexcache.reference.index.client_variants import VariantClient
from pytest_indexcache.reference.words.packages import IndexLocation

from .scripted_server import ScriptedServer

NOW = 1_700_000_000.0
FRESH = {"Cache-Control": "max-age=600"}
NO_STORE = {"Cache-Control": "no-cache,no-store,must-revalidate"}
FOR_EVER = "max-age=365000000, immutable"


class Maker:
    """Makes clients that share one cache folder, and closes them."""

    def __init__(self, folder: Path, waits: list[float]) -> None:
        self.folder, self.waits = folder, waits
        self.origins: list[HttpxOrigin] = []

    def __call__(self, **arguments: Any) -> IndexClient:
        """Return a client whose connections use ``proxy``, ``ca_bundle`` and ``trust_env``."""
        names = ("proxy", "ca_bundle", "trust_env")
        reach = {name: arguments.pop(name) for name in names if name in arguments}
        origin = HttpxOrigin(**{"trust_env": False, **reach})
        self.origins.append(origin)
        waits = self.waits.append
        make = VariantClient if "behaviour" in arguments else IndexClient
        return make(self.folder, origin, clock=lambda: NOW, sleep=waits, **arguments)


def index_of(
    server: ScriptedServer, *, pages: str | None = None, files: str | None = None
) -> IndexLocation:
    """Return the server as an index, with the user's overrides."""
    url = f"{server.url}/whl/cpu"
    return IndexLocation("pytorch-cpu", url, pages_override=pages, files_override=files)


def download(client: IndexClient, url: str, index: IndexLocation | None, *, store: bool) -> bytes:
    """Download a file, and return its bytes."""
    with client.open_file(url, index, store=store) as response:
        return b"".join(response.chunks)
