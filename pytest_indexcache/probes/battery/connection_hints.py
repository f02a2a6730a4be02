"""Hints for failed connections, depending on the kind of failure."""

from __future__ import annotations

import re
from typing import Final

_HINTS: Final = (
    (
        r"name or service not known|nodename nor servname|name resolution|no address associated"
        r"|getaddrinfo",
        "the host has no address here: check its spelling, and the VPN if it is in one",
    ),
    ("connection refused", "nothing listens there: check the port, and whether the server runs"),
    (
        "certificate_verify_failed|certificate verify failed",
        "if the certificate is of an authority of your own, name its file in SSL_CERT_FILE",
    ),
    (
        r"\bssl\b|\btls\b|\[ssl|wrong_version_number",
        "no TLS connection is possible: check the port, and whether the server has http only",
    ),
    ("timed out|timeout", "the server is slow or a firewall drops packets: check the network"),
)


def connection_hint(message: str) -> str:
    """Return a hint for a connection that has failed with this error message."""
    lowered = message.lower()
    for pattern, hint in _HINTS:
        if re.search(pattern, lowered):
            return hint
    return "check the URL and the network"
