"""URLs of files on this machine, and URLs without the credentials in them."""

from __future__ import annotations

import os
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
