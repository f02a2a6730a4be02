"""Read the simple page on which the machine's index lists an installer's files.

The reference installer's code is not used for this, because it is itself under test.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import httpx
from packaging.utils import NormalizedName, parse_sdist_filename, parse_wheel_filename
from packaging.version import Version

from pytest_indexcache.data_formats import loads_json
from pytest_indexcache.errors import InstallerUnavailableError
from pytest_indexcache.installers.provisioning.machine_index import MachineIndex
from pytest_indexcache.messages import HTML, JSON_V1
from pytest_indexcache.system.urls import without_credentials

_ACCEPT: Final = f"{JSON_V1}, {HTML};q=0.1"
_RETRIES: Final = 2
_WORTH_A_RETRY: Final = frozenset({500, 502, 503, 504})
_TIMEOUT_SECONDS: Final = 30.0


@dataclass(frozen=True)
class ListedFile:
    """A wheel or sdist on the page; ``uploaded`` is None if the page has no upload time for it."""

    version: Version
    uploaded: datetime | None
    requires_python: str | None
    is_yanked: bool


def fetch_files(
    project: NormalizedName,
    index: MachineIndex,
    *,
    transport: httpx.BaseTransport | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[ListedFile, ...]:
    """Request the list of a project's files from the index, with a few retries.

    ``transport`` replaces httpx's own transport.

    :raises InstallerUnavailableError: if the index cannot be reached, or does not have the project
    """
    url = f"{index.url.rstrip('/')}/{project}/"
    try:
        response = _get(url, index, transport, sleep)
        if response.status_code in (404, 410):
            raise InstallerUnavailableError(
                project,
                f"the index {without_credentials(index.url).rstrip('/')} has no such project",
                "check the name, and the index that pip or uv is configured for",
            )
        response.raise_for_status()
        return read_files(response.content, project)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise InstallerUnavailableError(
            project,
            f"its releases cannot be listed: {_problem(without_credentials(url), error)}",
            "connect to the network, or play a release that is in the cache folder",
        ) from error


def _problem(url: str, error: Exception) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        return f"{url} was answered with status {error.response.status_code}"
    reason = str(error) or type(error).__name__
    if isinstance(error, httpx.HTTPError):
        return f"no complete response from {url}: {reason}"
    kind = "URL" if isinstance(error, httpx.InvalidURL) else "simple page"
    return f"{url} is not a {kind}: {reason}"


def _get(
    url: str,
    index: MachineIndex,
    transport: httpx.BaseTransport | None,
    sleep: Callable[[float], None],
) -> httpx.Response:
    trusted: ssl.SSLContext | bool = True
    if index.ca_file is not None:
        trusted = ssl.create_default_context(cafile=str(index.ca_file))
    with httpx.Client(
        transport=transport, verify=trusted, timeout=_TIMEOUT_SECONDS, follow_redirects=True
    ) as client:
        for attempt in range(_RETRIES):
            try:
                response = client.get(url, headers={"Accept": _ACCEPT})
            except httpx.TransportError:
                pass
            else:
                if response.status_code not in _WORTH_A_RETRY:
                    return response
            sleep(0.5 * 2.0**attempt)
        return client.get(url, headers={"Accept": _ACCEPT})


def read_files(body: bytes, project: NormalizedName) -> tuple[ListedFile, ...]:
    """Return the files that a project's simple page lists, in JSON (PEP 691) or HTML (PEP 503).

    :raises ValueError: if the page is not valid
    """
    entries = _json_entries(body) if body.lstrip()[:1] == b"{" else _html_entries(body)
    found = (_listed(filename, entry, project) for filename, entry in entries)
    return tuple(file for file in found if file is not None)


def _listed(filename: str, entry: Mapping[str, Any], project: NormalizedName) -> ListedFile | None:
    """Return the file that an entry on the page describes.

    The result is None if the file is not a wheel or sdist of the project.
    """
    try:
        if filename.endswith(".whl"):
            name, version, _, _ = parse_wheel_filename(filename)
        else:
            name, version = parse_sdist_filename(filename)
    except ValueError:
        return None
    if name != project:
        return None
    requires_python = entry.get("requires-python")
    return ListedFile(
        version=version,
        uploaded=_parse_time(entry.get("upload-time")),
        requires_python=requires_python
        if isinstance(requires_python, str) and requires_python
        else None,
        # PEP 592: a reason, perhaps an empty one, or true.
        is_yanked=entry.get("yanked", False) not in (False, None),
    )


def _json_entries(body: bytes) -> Iterator[tuple[str, Mapping[str, Any]]]:
    page = loads_json(body)
    if "files" not in page or not isinstance(page["files"], list):
        raise ValueError("the page has no list of files")
    for entry in page["files"]:
        if isinstance(entry, dict) and isinstance(entry.get("filename"), str):
            yield entry["filename"], entry


def _html_entries(body: bytes) -> Iterator[tuple[str, Mapping[str, Any]]]:
    reader = _LinkReader()
    reader.feed(body.decode("utf-8", "replace"))
    for attributes in reader.links:
        path = urlsplit(attributes.get("href") or "").path
        entry = {
            name.removeprefix("data-"): value or ""
            for name, value in attributes.items()
            if name.startswith("data-")
        }
        yield unquote(path.rpartition("/")[2]), entry


def _parse_time(text: object) -> datetime | None:
    try:
        # PEP 700: "a valid ISO 8601 date/time string, in the format yyyy-mm-ddThh:mm:ss.ffffffZ".
        return datetime.fromisoformat(str(text)) if text else None
    except ValueError:
        return None


class _LinkReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.links: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record the attributes of a link."""
        if tag == "a":
            self.links.append(dict(attrs))
