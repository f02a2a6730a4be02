"""Sockets of clients that disconnect before the TLS handshake are closed."""

from __future__ import annotations

import gc
import os
import socket
import struct

import pytest

from pytest_indexcache.index.wire.certificates import CertificateAuthority

from .small_index import wait_until

RESET = struct.pack("ii", 1, 0)


def connection_of_a_client_that_left(last_words: bytes) -> socket.socket:
    """Return the server side of a connection that the client has reset."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        connection, _ = server.accept()
    client.sendall(last_words)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    client.close()
    wait_until(lambda: not is_connected(connection))
    return connection


def is_connected(connection: socket.socket) -> bool:
    """Return whether a connection has a peer."""
    try:
        connection.getpeername()
    except OSError:
        return False
    return True


@pytest.mark.parametrize("last_words", [b"", b"\x16\x03\x01"])
def test_a_socket_that_is_lost_is_closed_without_a_word(
    last_words: bytes, recwarn: pytest.WarningsRecorder
) -> None:
    """If ``wrap_socket`` raises an error, no open file and no ResourceWarning remains."""
    context = CertificateAuthority().server_context("index.example")
    connection = connection_of_a_client_that_left(last_words)
    file = connection.fileno()
    with pytest.raises(OSError, match=r".") as caught:
        context.wrap_socket(connection, server_side=True)
    del caught
    connection.close()
    gc.collect()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(file)
    assert [str(one.message) for one in recwarn] == []
