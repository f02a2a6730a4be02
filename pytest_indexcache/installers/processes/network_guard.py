"""Keep provisioned installers that are written in Python from connecting to other machines.

The environment directs installers to the gateway, but some releases do not use a proxy: pdm 2.13.3
to 2.15.2 ignore it for a project's indexes. They would reach the real index, and its answers would
be taken for those of the scenario's index. So an audit hook (PEP 578) in the release's venv refuses
to look up host names, and to connect to anything but the proxy, even to other services on this
machine. The installer's own files are not changed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pytest_indexcache.system.atomic_files import write_atomically
from pytest_indexcache.system.venvs.environment import Environment

NAME: Final = "_indexcache_network_guard"

CODE: Final = '''\
"""Written by pytest-indexcache: whatever runs in this venv talks to this machine alone."""

import os
import sys

_PROXY = os.environ.get("HTTPS_PROXY", "").rpartition("//")[2].rpartition(":")[2].rstrip("/")


def _is_here(host):
    host = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")
    is_number = host.startswith("127.") and host.replace(".", "").isdigit()
    return is_number or host in ("", "localhost", "::1")


def _refuse(event, arguments):
    if event == "socket.connect":
        address = arguments[1]
        if not isinstance(address, tuple):
            return
        host, port = address[:2]
        if _PROXY and str(port) != _PROXY:
            host = "%s:%s" % (host, port)
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if not _is_here(host):
        raise ConnectionRefusedError(
            "indexcache: %s was asked for past the proxy, which is refused" % (host,)
        )


sys.addaudithook(_refuse)
'''


def keep_on_loopback(folder: Path) -> None:
    """Write the audit hook into the venv in a folder, unless the hook is already there.

    Nothing is written if there is no venv in the folder.
    """
    venv = Environment.open(folder)
    if venv is None:
        return
    start, module = (venv.site_packages / f"{NAME}{suffix}" for suffix in (".pth", ".py"))
    if not start.exists() or module.read_bytes() != CODE.encode():
        write_atomically(module, CODE.encode())
        write_atomically(start, f"import {NAME}\n".encode())
