"""Requests to fake indexes without a network, and functions that read their responses."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.messages import Headers, Request, Response
from pytest_indexcache.scenario.tables.indexes import Index

NOW = 1_750_000_000.0
"""The time of requests in tests, in seconds since the epoch."""

JSON = "application/vnd.pypi.simple.v1+json"
PYPI = "https://pypi.org/simple"
CPU = "https://download.pytorch.org/whl/cpu"


def indexes(**tables: Mapping[str, Any]) -> FakeIndexes:
    """Make indexes from tables like those in a scenario file."""
    return FakeIndexes({name: Index.model_validate(table) for name, table in tables.items()})


def one_index(url: str = PYPI, **table: Any) -> FakeIndexes:
    """Make one index, called ``main``."""
    return indexes(main={"url": url, **table})


def ask(
    served: FakeIndexes,
    url: str,
    headers: Mapping[str, str] | None = None,
    *,
    method: str = "GET",
    now: float = NOW,
) -> Response:
    """Send a request and return the response."""
    return served.handle(Request(method, url, Headers.of(headers or {})), now)


def body(response: Response) -> bytes:
    """Return the body of a response as it is sent."""
    return b"".join(response.content.chunks(0, response.content.length))


def page(served: FakeIndexes, url: str) -> dict[str, Any]:
    """Return the JSON simple page of a project."""
    response = ask(served, url, {"Accept": JSON})
    assert response.status == 200
    data = body(response)
    if response.headers.get("Content-Encoding") == "gzip":
        data = gzip.decompress(data)
    loaded: dict[str, Any] = json.loads(data)
    return loaded


def files(served: FakeIndexes, url: str) -> dict[str, str]:
    """Return the files on a page with their absolute URLs."""
    return {file["filename"]: urljoin(url, file["url"]) for file in page(served, url)["files"]}


def file_url(served: FakeIndexes, filename: str) -> str:
    """Return the URL of a file of the index ``main``."""
    [url] = [file.url for file in served["main"].files.values() if file.filename == filename]
    return url
