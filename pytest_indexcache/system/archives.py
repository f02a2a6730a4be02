"""Recognise the exceptions that zipfile and tarfile raise for broken archives."""

from __future__ import annotations

import errno
import struct
import tarfile
import zipfile
import zlib
from typing import Final

try:
    from lzma import LZMAError
except ImportError:  # a Python built without lzma cannot read such archives
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
"""The exceptions for an archive that is truncated, encrypted or altered.

Reading such an archive can also raise OSError, which :func:`is_broken` examines.
"""


def is_broken(error: OSError) -> bool:
    """Return whether an OSError means a broken archive, and not a problem of the disk.

    bz2 raises OSError without an errno for invalid data. EINVAL means an invalid position in the
    file.
    """
    return error.errno in (None, errno.EINVAL)
