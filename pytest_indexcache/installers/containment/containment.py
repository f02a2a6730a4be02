"""Describe which files, programs and ports a contained process may use."""

from __future__ import annotations

import os
import sys
import sysconfig
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

SYSTEM_FOLDERS: Final = tuple(
    map(Path, ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/opt", "/nix/store"))
)
"""The folders that contain the machine's programs and libraries."""

_CONFIGURATION: Final = (
    # The dynamic linker and the C library.
    *("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "ld.so.preload", "nsswitch.conf", "passwd"),
    *("group", "hosts", "host.conf", "hostname", "resolv.conf", "gai.conf", "services"),
    *("protocols", "localtime", "timezone", "locale.alias", "locale.conf"),
    # The name of the system, which installers send in their User-Agent.
    *("os-release", "lsb-release", "debian_version", "dpkg/origins", "redhat-release"),
    *("system-release", "fedora-release", "alpine-release", "arch-release", "SuSE-release"),
    # Certificates, but no private keys.
    *("ssl/certs", "ssl/cert.pem", "ssl/openssl.cnf", "pki/tls/certs", "pki/tls/cert.pem"),
    *("pki/tls/openssl.cnf", "pki/ca-trust", "ca-certificates", "crypto-policies"),
    # Types of files, terminals, and the sitecustomize of Debian's Pythons.
    *(
        "mime.types",
        "magic",
        "terminfo",
        "python3",
        *(f"python3.{minor}" for minor in range(6, 20)),
    ),
)

SYSTEM_RECORDS: Final = (
    *(Path("/etc", name) for name in _CONFIGURATION),
    *(Path("/proc"), Path("/sys")),
)
"""Configuration files in ``/etc``, and ``/proc`` and ``/sys``, which the kernel itself protects.

Other files in ``/etc`` contain secrets: passwords, keys, and the tokens in ``pip.conf``.
"""

SYSTEM_DEVICES: Final = tuple(
    Path("/dev", name) for name in ("null", "zero", "full", "random", "urandom")
)


@dataclass(frozen=True, slots=True)
class Containment:
    """The files and folders that a process may use, and the ports that it may connect to.

    A folder includes everything below it. ``readable`` paths can be read. ``executable`` paths can
    be read, and programs there can be run. In ``writable`` paths, files can be read, written,
    created and removed, but not run unless the path is ``executable``, too. ``devices`` can be
    read, written and controlled. Paths that do not exist are ignored. ``tcp_ports`` are the ports
    to which TCP connections can be made; all other network access is refused.

    Two things are not restricted, because Landlock has no rules for them: a process can change the
    mode, owner and times of any of the user's files, and it can connect to an allowed port on any
    host.
    """

    readable: tuple[Path, ...] = ()
    executable: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()
    devices: tuple[Path, ...] = ()
    tcp_ports: tuple[int, ...] = ()


def system_containment(
    *workspace: Path,
    readable: tuple[Path, ...] = (),
    executable: tuple[Path, ...] = (),
    tcp_ports: tuple[int, ...] = (),
) -> Containment:
    """Return a containment in which this Python and the system's programs can be run.

    Only the ``workspace`` folders can be written to; programs in these folders can be run, too. The
    user's home folder cannot be read, except for the files of this Python.
    """
    return Containment(
        readable=(*SYSTEM_RECORDS, *readable),
        executable=(*SYSTEM_FOLDERS, *python_folders(), *workspace, *executable),
        writable=workspace,
        devices=SYSTEM_DEVICES,
        tcp_ports=tcp_ports,
    )


@cache
def python_folders() -> tuple[Path, ...]:
    """Return the folders of the running Python: of its venv, base installation and libraries."""
    paths = sysconfig.get_paths()
    names = {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}
    names |= {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    names.add(os.path.dirname(os.path.realpath(sys.executable)))  # noqa: PTH120
    return tuple(Path(name) for name in sorted(names))
