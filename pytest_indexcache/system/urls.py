"""URLs of files on this machine, URLs without credentials, and the normal form of URLs."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit


def local_path(url: str) -> Path | None:
    """Return the path that a file URL names, None for any other URL."""
    if url[:5].lower() != "file:":  # RFC 3986 3.1: "schemes are case-insensitive"
        return None
    path = urlsplit(url).path
    if os.name != "nt":
        return Path(unquote(path))
    from urllib.request import url2pathname  # at the top it would cost every run 60 ms

    return Path(url2pathname(path))


def without_credentials(url: str) -> str:
    """Return the URL without user and password, so that it can be shown and written down."""
    if "@" not in url:
        return url
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def normal_url(url: str) -> str:
    """Return the form by which URLs are compared: no fragment, user or default port, small letters.

    Indexes write the + of local versions in both ways, and it is one file: what is sent stays as it
    was written, as some servers read a bare + as a space.
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower()
    port = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
    host = host.removesuffix(port) if port else host
    path = re.sub("%2b", "+", parts.path, flags=re.IGNORECASE)
    return urlunsplit((parts.scheme, host, path or "/", parts.query, ""))
