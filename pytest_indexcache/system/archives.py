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
"""The exceptions for an archive that is truncated, encrypted or otherwise altered.

Reading such an archive can also raise OSError. :func:`is_broken` tells whether an OSError is due to
the archive.
"""


def is_broken(error: OSError) -> bool:
    """Return whether an OSError is due to a broken archive, and not to a problem with the disk.

    bz2 raises OSError without an errno for invalid data. EINVAL means an invalid position in the
    file.
    """
    return error.errno in (None, errno.EINVAL)
