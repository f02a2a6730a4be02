"""The URLs of an index's pages and files, and the links between them."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from posixpath import dirname, normpath, relpath
from typing import Final, NamedTuple
from urllib.parse import quote, unquote, urlsplit

from pytest_indexcache.scenario.tables.indexes import Index

FLAT_FOLDERS: Final = frozenset({"download.pytorch.org"})
"""Hosts on which all files are in the same folder, not in a separate folder for each project."""

_HASHED_HOSTS: Final = frozenset({"files.pythonhosted.org", "test-files.pythonhosted.org"})


_PLACEHOLDER = re.compile(r"\{(\w+)(?::(\d+)-(\d+))?\}")


class Location(NamedTuple):
    """A URL, normalised for comparison: its host in lower case, and its decoded path."""

    host: str
    path: str

    @classmethod
    def of(cls, url: str) -> Location:
        """Return the location for a URL; raise ValueError if the URL is invalid."""
        return _location_of(url)


@lru_cache(maxsize=1024)
def _location_of(url: str) -> Location:
    parts = urlsplit(url)
    return Location(parts.hostname or "", unquote(parts.path) or "/")


class Layout:
    """The URLs that an index uses.

    ``base`` is the location of the folder with the pages, without a trailing slash. For a flat
    index, it is the location of the only page.
    """

    def __init__(self, name: str, index: Index) -> None:
        parts = urlsplit(index.url)
        self._name = name
        self._index = index
        self._port = f":{parts.port}" if parts.port else ""
        self._origin = f"{parts.scheme}://{_bracketed(parts.hostname)}{self._port}"
        host, path = Location.of(index.url)
        is_document = index.flat and path.endswith((".html", ".htm"))
        self.base = Location(host, path if is_document else path.rstrip("/"))
        self.is_document = is_document

    def page_path(self, project: str | None = None) -> str:
        """Return the decoded path of a project's page; for None, that of the root page."""
        if self.is_document:
            return self.base.path
        return f"{self.base.path}/{project}/" if project else f"{self.base.path}/"

    def file_url(self, project: str, version: str, filename: str, url: str | None = None) -> str:
        """Return a file's URL without query and fragment; ``url`` overrides the default."""
        own = self._place(project, version, filename) or self._folder(project, filename)
        parts = urlsplit(url or own)
        if parts.path.endswith("/"):
            parts = parts._replace(path=parts.path + quote(filename))
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{_bracketed(parts.hostname)}{port}{quoted(unquote(parts.path))}"

    @property
    def files_folder(self) -> str | None:
        """The URL of the folder with the files, or None if it is the folder with the pages."""
        return self._index.folder_of_files

    def _place(self, project: str, version: str, filename: str) -> str | None:
        """Return a file's URL in the form that the real server uses, or None if no form is set."""
        template = self._index.answers.files_path
        if template is None or self.files_folder is not None or self._index.flat:
            return None
        named = {"filename": filename, "project": project, "version": version}
        named |= {"digest": self._digest(filename), "folder": self.base.path}

        def replacement(match: re.Match[str]) -> str:
            name, start, stop = match.groups()
            return named[name][int(start or 0) : int(stop) if stop else None]

        path = _PLACEHOLDER.sub(replacement, template)
        if path.startswith("https://"):
            parts = urlsplit(path)
            return f"{parts.scheme}://{parts.netloc}{quoted(parts.path)}"
        path = normpath(f"{self.base.path}/{path}")
        return f"{self._origin}{quoted(path)}"

    def _digest(self, filename: str) -> str:
        """Return a digest of the filename, so that a file keeps its URL when it is replaced."""
        text = f"{self._name}/{filename}"
        return hashlib.blake2b(text.encode(), digest_size=32).hexdigest()

    def _folder(self, project: str, filename: str) -> str:
        folder = self.files_folder
        if folder is None:
            page = self.page_path(None if self._is_one_folder else project)
            return f"{self._origin}{quoted(dirname(page).rstrip('/'))}/"
        if Location.of(folder).host in _HASHED_HOSTS:
            digest = self._digest(filename)
            folder = f"{folder.rstrip('/')}/{digest[:2]}/{digest[2:4]}/{digest[4:]}"
        return f"{folder.rstrip('/')}/"

    @property
    def _is_one_folder(self) -> bool:
        return self._index.flat or self.base.host in FLAT_FOLDERS

    def is_near(self, url: str) -> bool:
        """Return whether pages on this index can link to a file by a relative URL."""
        return url.startswith(f"{self._origin}/")

    def href(self, url: str, page_path: str) -> str:
        """Return the percent-encoded link from a page to a file."""
        if self._index.hrefs == "absolute" or not self.is_near(url):
            return url
        path = unquote(urlsplit(url).path)
        if self._index.hrefs == "rooted":
            return quoted(path)
        folder = page_path if page_path.endswith("/") else dirname(page_path)
        return quoted(relpath(path, folder))


def quoted(path: str) -> str:
    """Percent-encode a path for use in a URL; ``+`` is encoded only in filenames.

    PyTorch's pages contain %2B in filenames; devpi's pages contain + in folder names.
    """
    folder, slash, name = path.rpartition("/")
    return f"{quote(folder, safe='/+')}{slash}{quote(name)}"


def _bracketed(host: str | None) -> str:
    """Return a host as written in a URL, with brackets around an IPv6 address (RFC 3986 3.2.2)."""
    return f"[{host}]" if host and ":" in host else host or ""
