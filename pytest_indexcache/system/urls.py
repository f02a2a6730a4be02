"""Convert file URLs to paths, normalise URLs, and remove credentials from them."""

from __future__ import annotations

import os
import re
from base64 import b64encode
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

_URL_USERS: Final = re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^\s/?#'\"]*@", re.IGNORECASE)


def local_path(url: str) -> Path | None:
    """Return the path of a file URL, or None for any other URL."""
    if url[:5].lower() != "file:":  # RFC 3986 3.1: "schemes are case-insensitive"
        return None
    path = urlsplit(url).path
    if os.name != "nt":
        return Path(unquote(path))
    from urllib.request import url2pathname  # at the top it would cost each run 60 ms

    return Path(url2pathname(path))


def without_credentials(url: str) -> str:
    """Return a URL without user name and password, so that it can be shown and stored."""
    if "@" not in url:
        return url
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def hide_credentials(text: str) -> str:
    """Return the text in which ``****`` replaces the user name and password in each URL."""
    return _URL_USERS.sub(r"\1****@", text)


def basic_authorization(url: str) -> str:
    """Return the Authorization value for the credentials in a URL, or "" if it has none."""
    parts = urlsplit(url)
    if parts.username is None:
        return ""
    user = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return f"Basic {b64encode(user.encode()).decode()}"


def normal_url(url: str) -> str:
    """Return a normalised URL for comparison with other URLs.

    The user name, password, fragment and default port are removed, the host is in lower case, and
    ``%2B`` in the path becomes ``+``. Requests must use the original URL, because some servers read
    ``+`` as a space.
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower()
    port = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
    host = host.removesuffix(port) if port else host
    path = re.sub("%2b", "+", parts.path, flags=re.IGNORECASE)
    return urlunsplit((parts.scheme, host, path or "/", parts.query, ""))
