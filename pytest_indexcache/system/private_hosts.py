"""Hosts that only this machine or its local network can reach."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress
from typing import Final

_THIS_MACHINE: Final = ("localhost", "localhost.localdomain", "ip6-localhost")


def is_private_host(host: str) -> bool:
    """Return whether a host is this machine, or an address of a private network.

    No name is resolved: apart from the names of this machine, every name counts as public.
    """
    if host in _THIS_MACHINE:
        return True
    try:
        return not ipaddress.ip_address(host.partition("%")[0]).is_global
    except ValueError:
        return False


def resolves_to_private_host(host: str) -> bool:
    """Return whether a host, or an address that its name resolves to, is private.

    A host that cannot be resolved counts as public: a proxy may be able to resolve it.
    """
    addresses: list[str] = []
    with suppress(OSError, UnicodeError):
        addresses = [str(entry[4][0]) for entry in socket.getaddrinfo(host, None)]
    return any(is_private_host(each) for each in (host, *addresses))
