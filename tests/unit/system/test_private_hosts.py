"""Hosts that only this machine or its local network can reach."""

from __future__ import annotations

import socket

import pytest

from pytest_indexcache.system.private_hosts import is_private_host, resolves_to_private_host


@pytest.mark.parametrize(
    ("host", "is_private"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("10.1.2.3", True),
        ("fe80::1%eth0", True),
        ("::1", True),
        ("8.8.8.8", False),
        ("pypi.org", False),
        ("", False),
    ],
)
def test_host_is_private_by_its_address_or_name(host: str, is_private: bool) -> None:
    """Addresses that are not global are private, and so are the names of this machine."""
    assert is_private_host(host) is is_private


@pytest.mark.parametrize(
    ("addresses", "is_private"), [(["192.168.1.4"], True), (["8.8.8.8"], False), (None, False)]
)
def test_name_is_private_if_one_of_its_addresses_is(
    monkeypatch: pytest.MonkeyPatch, addresses: list[str] | None, is_private: bool
) -> None:
    """A name is private if one of its addresses is private; a name without addresses is not."""

    def resolve(*_: object) -> list[tuple[object, ...]]:
        if addresses is None:
            raise socket.gaierror
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 0)) for each in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    assert resolves_to_private_host("index.example") is is_private
