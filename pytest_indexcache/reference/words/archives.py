"""What Python raises for archives that are broken."""

from __future__ import annotations

import struct
import tarfile
import zipfile
import zlib
from typing import Final

try:
    from lzma import LZMAError
except ImportError:  # a Python that was built without it reads no such archive
    LZMAError = zlib.error  # type: ignore[assignment,misc]

BROKEN_ARCHIVE: Final = (
    EOFError,
    LookupError,
    OverflowError,
    RuntimeError,
    ValueError,
    LZMAError,
    struct.error,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What zipfile and tarfile raise for an archive that is cut, encrypted or altered.

Its names, sizes and compressed bytes are read as they are. bz2 raises an OSError without a number
besides, which :func:`is_broken` tells from those of the system.
"""


def is_broken(error: OSError) -> bool:
    """Return whether an error means compressed bytes that are wrong, and not the disk."""
    return error.errno is None
