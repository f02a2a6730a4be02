"""Valid and invalid wheels, written file by file."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path

INFO = "demo-1.0.dist-info"
FILES = {
    "demo/__init__.py": b"value = 1\n",
    f"{INFO}/METADATA": b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n",
    f"{INFO}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
}
"""The files of a wheel of demo 1.0, without RECORD."""


def record_line(path: str, data: bytes) -> str:
    """Return the line in RECORD for a file."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
    return f"{path},sha256={digest},{len(data)}\n"


def write_wheel(
    folder: Path, files: Mapping[str, bytes], *, record: str | None = None, mode: int = 0o644
) -> Path:
    """Write a wheel with these files, and with the given or a correct RECORD."""
    lines = "".join(record_line(path, data) for path, data in files.items())
    path = folder / "demo-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            member = zipfile.ZipInfo(name)
            member.external_attr = (0o100000 | mode) << 16
            archive.writestr(member, data)
        text = lines + f"{INFO}/RECORD,,\n" if record is None else record
        archive.writestr(f"{INFO}/RECORD", text)
    return path
