"""Use Landlock to restrict a thread and its children permanently.

The constants are from ``linux/landlock.h``; see
https://docs.kernel.org/userspace-api/landlock.html. The bindings on PyPI are not used: each is
young or has only one developer, and none supports seccomp filters.
"""

from __future__ import annotations

import errno
import os
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pytest_indexcache.errors import ContainmentError
from pytest_indexcache.installers.containment.containment import Containment
from pytest_indexcache.installers.containment.system_calls import call_system

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_ASK_VERSION: Final = 1
_PATH_BENEATH, _NET_PORT = 1, 2

_EXECUTE: Final = 1 << 0
_WRITE_FILE: Final = 1 << 1
_READ_FILE: Final = 1 << 2
_READ_DIR: Final = 1 << 3
_REMOVE: Final = 1 << 4 | 1 << 5
_MAKE_DEVICES: Final = 1 << 6 | 1 << 11
_MAKE: Final = 1 << 7 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 12
_REFER: Final = 1 << 13
_TRUNCATE: Final = 1 << 14
_IOCTL_DEV: Final = 1 << 15

_OF_FILES: Final = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
"""The rights that can be granted on a file other than a folder."""

_READ: Final = _READ_FILE | _READ_DIR
_WRITE: Final = _READ | _WRITE_FILE | _REMOVE | _MAKE | _REFER | _TRUNCATE
_USE_DEVICE: Final = _READ_FILE | _WRITE_FILE | _TRUNCATE | _IOCTL_DEV

_BIND_TCP, _CONNECT_TCP = 1 << 0, 1 << 1
_ABSTRACT_SOCKETS, _SIGNALS = 1 << 0, 1 << 1

TCP_ABI: Final = 4
"""The first ABI with rules for TCP ports."""


def ask_landlock_abi() -> int:
    """Return the ABI version of this kernel's Landlock; raise OSError if it has no Landlock."""
    return call_system(_CREATE_RULESET, None, 0, _ASK_VERSION)


def handled_rights(abi: int) -> tuple[int, int, int]:
    """Return all rights that an ABI version can restrict: for files, network and processes."""
    files = _EXECUTE | _WRITE_FILE | _READ | _REMOVE | _MAKE | _MAKE_DEVICES
    for since, right in ((2, _REFER), (3, _TRUNCATE), (5, _IOCTL_DEV)):
        files |= right if abi >= since else 0
    network = _BIND_TCP | _CONNECT_TCP if abi >= TCP_ABI else 0
    return files, network, _ABSTRACT_SOCKETS | _SIGNALS if abi >= 6 else 0


def ruleset_attributes(abi: int) -> bytes:
    """Return a ``struct landlock_ruleset_attr`` that restricts everything that the ABI supports."""
    files, network, processes = handled_rights(abi)
    # The structure grew with the ABIs, and its size tells the kernel which fields it has.
    size = 8 if abi < TCP_ABI else 16 if abi < 6 else 24
    return struct.pack("=QQQ", files, network, processes)[:size]


def granted_rights(containment: Containment, abi: int) -> Iterator[tuple[Path, int]]:
    """Yield each existing path in a containment, with the granted rights that the ABI supports."""
    known, *_ = handled_rights(abi)
    for path, rights in _granted(containment):
        try:
            mode = path.stat().st_mode
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            continue  # the path does not exist, or this user cannot access it
        yield path, rights & known if stat.S_ISDIR(mode) else rights & known & _OF_FILES


@contextmanager
def open_ruleset(containment: Containment, abi: int) -> Iterator[int]:
    """Create a ruleset that forbids everything outside a containment; yield its file descriptor.

    :raises ContainmentError: if the kernel refuses to create it
    """
    attributes = ruleset_attributes(abi)
    with _telling("make a Landlock ruleset"):
        ruleset = call_system(_CREATE_RULESET, attributes, len(attributes), 0)
    try:
        for path, rights in granted_rights(containment, abi):
            _allow_path(ruleset, path, rights)
        for port in containment.tcp_ports if abi >= TCP_ABI else ():
            _allow_port(ruleset, port)
        yield ruleset
    finally:
        os.close(ruleset)


def enforce_ruleset(ruleset: int) -> None:
    """Permanently restrict this thread, and all processes that it starts, to a ruleset."""
    with _telling("enforce a Landlock ruleset"):
        call_system(_RESTRICT_SELF, ruleset, 0)


def _granted(containment: Containment) -> Iterator[tuple[Path, int]]:
    for paths, rights in (
        (containment.readable, _READ),
        (containment.executable, _READ | _EXECUTE),
        (containment.writable, _WRITE),
        (containment.devices, _USE_DEVICE),
    ):
        yield from ((path, rights) for path in paths)


def _allow_path(ruleset: int, path: Path, rights: int) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return  # it was removed meanwhile
    try:
        rule = struct.pack("=Qi", rights, opened)
        with _telling(f"allow the use of {path}"):
            call_system(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
    finally:
        os.close(opened)


def _allow_port(ruleset: int, port: int) -> None:
    with _telling(f"allow connections to port {port}"):
        call_system(_ADD_RULE, ruleset, _NET_PORT, struct.pack("=QQ", _CONNECT_TCP, port), 0)


@contextmanager
def _telling(act: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ContainmentError(act, error.strerror or errno.errorcode[error.errno or 0]) from error
