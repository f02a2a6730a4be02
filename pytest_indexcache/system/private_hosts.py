"""Recognise hosts that only this machine or its local network can reach."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress
from typing import Final

_THIS_MACHINE: Final = ("localhost", "localhost.localdomain", "ip6-localhost")


def is_private_host(host: str) -> bool:
    """Return whether a host is ``localhost`` or a private IP address.

    Other host names are not resolved, and count as public.
    """
    if host in _THIS_MACHINE:
        return True
    try:
        return not ipaddress.ip_address(host.partition("%")[0]).is_global
    except ValueError:
        return False


def resolves_to_private_host(host: str) -> bool:
    """Return whether a host is private, or has a name that resolves to a private address.

    A name that cannot be resolved counts as public.
    """
    addresses: list[str] = []
    with suppress(OSError, UnicodeError):
        addresses = [str(entry[4][0]) for entry in socket.getaddrinfo(host, None)]
    return any(is_private_host(each) for each in (host, *addresses))
