"""Find user names and passwords for indexes, in their URLs or in the user's netrc file."""

from __future__ import annotations

import netrc
from base64 import b64encode
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urldefrag, urlsplit, urlunsplit

from pytest_indexcache.errors import IndexResponseError
from pytest_indexcache.reference.http_cache.rules.cache_policy import origin_of

_NAMES: Final = (".netrc", "_netrc")


class Credentials:
    """Splits a URL with credentials into the URL to request and the value of Authorization.

    ``netrc_file`` is read when it is first needed; if it is missing or invalid, it is treated as
    empty. Thread-safe.
    """

    def __init__(self, netrc_file: Path | None = None) -> None:
        self._netrc_file = netrc_file

    def split(self, url: str, index_url: str | None) -> tuple[str, str | None]:
        """Return the URL to request, and the value of Authorization (RFC 7617 §2) or None.

        A URL without a user name gets the credentials of its index if both have the same origin, or
        else the credentials for its host in the netrc file.

        :raises IndexResponseError: if the URL is not valid
        """
        try:
            parts = urlsplit(urldefrag(url).url)
            parts.port  # noqa: B018 - raises for an invalid port
        except ValueError as error:
            raise IndexResponseError(
                f"{url!r} is not a URL: {error}",
                hint="check the index's URL and the links of its page",
            ) from error
        userinfo, _, host = parts.netloc.rpartition("@")
        bare = urlunsplit(parts._replace(netloc=host))
        if not userinfo and index_url is not None and origin_of(index_url) == origin_of(bare):
            userinfo = urlsplit(index_url).netloc.rpartition("@")[0]
        if userinfo:
            name, _, password = userinfo.partition(":")
            return bare, _basic(unquote(name), unquote(password))
        found = self._netrc.authenticators(parts.hostname or "") if self._netrc else None
        return bare, _basic(found[0] or found[1] or "", found[2] or "") if found else None

    @cached_property
    def _netrc(self) -> netrc.netrc | None:
        try:
            return netrc.netrc(self._netrc_file) if self._netrc_file else None
        except (OSError, netrc.NetrcParseError, UnicodeDecodeError):
            return None


def netrc_file_of(environment: Mapping[str, str]) -> Path | None:
    """Return the path of the netrc file that curl and pip would use, or None if there is none."""
    if environment.get("NETRC"):
        return Path(environment["NETRC"])
    home = environment.get("HOME") or environment.get("USERPROFILE")
    files = (Path(home, name) for name in _NAMES) if home else ()
    return next((file for file in files if file.is_file()), None)


def _basic(name: str, password: str) -> str:
    return f"Basic {b64encode(f'{name}:{password}'.encode()).decode('ascii')}"
