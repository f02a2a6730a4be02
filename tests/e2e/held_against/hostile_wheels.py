"""Wheels that break the wheel format, or try to write outside their place in the venv."""

from __future__ import annotations

import base64
import hashlib
import io
import stat
import struct
import tempfile
import warnings
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

FILENAME: Final = "demo-1.0-py3-none-any.whl"
INFO: Final = "demo-1.0.dist-info"
UPWARDS: Final = "../" * 4
"""The relative path from site-packages to the parent folder of the venv, except on Windows."""

ABSOLUTE: Final = tempfile.gettempdir()
"""A folder that everybody may write in."""

LINK: Final = {"demo/link": stat.S_IFLNK | 0o777}

Member = tuple[str, bytes]
GOOD: Final[tuple[Member, ...]] = (
    ("demo/__init__.py", b"value = 1\n"),
    (f"{INFO}/METADATA", b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"),
    (f"{INFO}/WHEEL", b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
)


@dataclass(frozen=True)
class HostileWheel:
    """The bytes of a wheel, and the installers that install it; other installers refuse it.

    ``harms`` lists the installers that leave a venv with a Python that does not start.
    ``metadata`` is the separately served core metadata, if it differs from the wheel's own.
    """

    data: bytes
    installed_by: frozenset[str] = frozenset()
    harms: frozenset[str] = frozenset()
    metadata: bytes | None = None


def record_of(members: Iterable[Member]) -> bytes:
    """Return a correct RECORD for these members."""
    lines = []
    for name, data in members:
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
        lines.append(f"{name},sha256={digest},{len(data)}\n")
    return "".join((*lines, f"{INFO}/RECORD,,\n")).encode()


def archive(*members: Member, modes: Mapping[str, int] | None = None) -> bytes:
    """Return a zip archive, in which two members may have the same name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Duplicate name")
        for name, data in members:
            member = zipfile.ZipInfo("placeholder")
            member.filename = name  # the constructor would change some names
            member.external_attr = (modes or {}).get(name, stat.S_IFREG | 0o644) << 16
            target.writestr(member, data)
    return buffer.getvalue()


def wheel(
    *more: Member, record: bytes | None = None, modes: Mapping[str, int] | None = None
) -> bytes:
    """Return a wheel of demo 1.0 with these members in addition to, or in place of, valid ones."""
    replaced = {name for name, _ in more}
    members = [*(it for it in GOOD if it[0] not in replaced), *more]
    written = record_of(members) if record is None else record
    return archive(*members, (f"{INFO}/RECORD", written), modes=modes)


def _points(text: str) -> Member:
    return (f"{INFO}/entry_points.txt", f"[console_scripts]\n{text}\n".encode())


def _renamed(folder: str) -> bytes:
    """Return a wheel whose dist-info has another name."""
    members = [(name.replace(INFO, folder), data) for name, data in GOOD]
    record = record_of(members).replace(INFO.encode(), folder.encode())
    return archive(*members, (f"{folder}/RECORD", record))


def _with_size(data: bytes, name: str, size: int) -> bytes:
    """Return an archive whose central directory states a wrong size for a member."""
    place = data.rindex(name.encode())  # behind the fixed part of its entry, which has 46 bytes
    return data[: place - 46 + 24] + struct.pack("<I", size) + data[place - 46 + 28 :]


PIP: Final = frozenset({"pip"})
UV: Final = frozenset({"uv"})
EACH: Final = PIP | UV | {"reference"}

HOSTILE: Final[Mapping[str, HostileWheel]] = {
    "a wrong hash in RECORD": HostileWheel(
        wheel(record=record_of(GOOD).replace(b"sha256=", b"sha256=A", 1)), PIP | UV
    ),
    "no RECORD": HostileWheel(archive(*GOOD)),
    "a file that is not in RECORD": HostileWheel(
        wheel(("demo/more.py", b""), record=record_of(GOOD)), PIP | UV
    ),
    # uv installs the other files.
    "a path upwards": HostileWheel(wheel((f"{UPWARDS}escape.py", b"")), UV),
    "an absolute path": HostileWheel(wheel((f"{ABSOLUTE}/escape.py", b"")), UV),
    "a path upwards in data": HostileWheel(
        wheel((f"demo-1.0.data/data/{UPWARDS}escape.py", b"")), UV
    ),
    # On systems whose separator is the slash, pip and uv treat it as an ordinary name.
    "a path upwards for another system": HostileWheel(wheel(("..\\escape.py", b"")), PIP | UV),
    "a path upwards as a script": HostileWheel(wheel(_points(f"{UPWARDS}escape = demo:value"))),
    "an entry point called python": HostileWheel(wheel(_points("python = demo:value")), PIP, PIP),
    "a script called python": HostileWheel(
        wheel(("demo-1.0.data/scripts/python", b"#!python\n")), PIP, PIP
    ),
    "a file in the place of pyvenv.cfg": HostileWheel(
        wheel(("demo-1.0.data/data/pyvenv.cfg", b"include-system-site-packages = true\n")), PIP | UV
    ),
    "two members of one name": HostileWheel(
        wheel(("demo/twice.py", b"value = 1\n"), ("demo/twice.py", b"value = 2\n")), PIP
    ),
    "a dist-info of another version": HostileWheel(_renamed("demo-2.0.dist-info"), PIP | UV),
    "a dist-info of another project": HostileWheel(_renamed("other-1.0.dist-info")),
    "two dist-infos": HostileWheel(
        wheel(("demo-2.0.dist-info/METADATA", b"Name: demo\nVersion: 2.0\n"))
    ),
    "METADATA of another version": HostileWheel(
        wheel((f"{INFO}/METADATA", b"Metadata-Version: 2.1\nName: demo\nVersion: 2.0\n"))
    ),
    "another archive before it": HostileWheel(wheel(("demo/hidden.py", b"")) + wheel(), PIP),
    "a size that is too large": HostileWheel(_with_size(wheel(), "demo/__init__.py", 1 << 30), PIP),
    "a file and a folder of one name": HostileWheel(
        wheel(("demo/both", b""), ("demo/both/inner.py", b""))
    ),
    "a link, and a file in it": HostileWheel(
        wheel(("demo/link", UPWARDS.encode()), ("demo/link/escape.py", b""), modes=LINK)
    ),
    # It is installed as a regular file whose contents are the link's target.
    "a link": HostileWheel(wheel(("demo/link", b"/etc/passwd"), modes=LINK), EACH),
    "names that differ in case": HostileWheel(
        wheel(("demo/name.py", b""), ("demo/NAME.py", b"")), EACH
    ),
    "a wheel of version 2.0": HostileWheel(
        wheel((f"{INFO}/WHEEL", b"Wheel-Version: 2.0\nRoot-Is-Purelib: true\n"))
    ),
    "metadata that differs from what the index serves": HostileWheel(
        wheel(), UV, metadata=GOOD[1][1] + b"Requires-Dist: nowhere ; python_version < '3'\n"
    ),
}
"""The hostile wheels by their fault; measured with pip 26.3 and uv 0.13.9."""
