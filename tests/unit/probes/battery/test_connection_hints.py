"""Hints for servers that cannot be reached."""

from __future__ import annotations

import pytest

from pytest_indexcache.probes.battery.connection_hints import connection_hint


@pytest.mark.parametrize(
    ("message", "part"),
    [
        ("[Errno -2] Name or service not known", "spelling"),
        ("[Errno 8] nodename nor servname provided, or not known", "spelling"),
        ("[Errno -3] Temporary failure in name resolution", "spelling"),
        ("[Errno 111] Connection refused", "port"),
        (
            "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed",
            "SSL_CERT_FILE",
        ),
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)", "http only"),
        ("The read operation timed out", "slow"),
        ("Server disconnected without sending a response.", "check the URL and the network"),
    ],
)
def test_hint_fits_the_kind_of_failure(message: str, part: str) -> None:
    """Each kind of failure has its own hint; the general hint is about the URL and the network."""
    assert part in connection_hint(message)
