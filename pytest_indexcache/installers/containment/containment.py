"""The description of the walls around a process."""

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
"""Programs and libraries of the machine."""

_CONFIGURATION: Final = (
    # The dynamic linker and the C library.
    *("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "ld.so.preload", "nsswitch.conf", "passwd"),
    *("group", "hosts", "host.conf", "hostname", "resolv.conf", "gai.conf", "services"),
    *("protocols", "localtime", "timezone", "locale.alias", "locale.conf"),
    # Which system this is: installers say it in their User-Agent.
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
"""Configuration and state of the machine; the kernel itself guards the records of a process.

The rest of ``/etc`` has secrets: passwords, keys, and tokens of ``pip.conf``.
"""

SYSTEM_DEVICES: Final = tuple(
    Path("/dev", name) for name in ("null", "zero", "full", "random", "urandom")
)


@dataclass(frozen=True, slots=True)
class Containment:
    """Which files and folders a process may use, and where it may connect to.

    A folder stands for everything in it. ``readable`` may be read, ``executable`` read and run,
    ``writable`` read, written, made and removed, but not run unless it is ``executable``, too. A
    path that is not there is ignored. ``devices`` may be read, written and controlled.
    ``tcp_ports`` are the ports that TCP may connect to; everything else of the network is closed.

    Not restricted: the mode, owner and times of a file that belongs to the user, wherever it is,
    and the host of an allowed port. Landlock does not know them.
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
    """Return walls that leave the system's programs and this Python usable.

    The folders of ``workspace`` are all that may be written, and their programs run. The home
    folder of the user is closed, but for what of this Python lies in it.
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
    """Return the folders of the running Python: its venv, its installation, its libraries."""
    paths = sysconfig.get_paths()
    names = {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}
    names |= {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    names.add(os.path.dirname(os.path.realpath(sys.executable)))  # noqa: PTH120
    return tuple(Path(name) for name in sorted(names))
