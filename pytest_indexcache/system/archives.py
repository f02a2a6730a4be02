"""The exceptions that Python raises for broken archives."""

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
"""The exceptions of zipfile and tarfile for an archive that is truncated, encrypted or altered.

Both modules trust the archive's names, sizes and compressed bytes. They also raise OSErrors, which
:func:`is_broken` distinguishes from errors of the disk.
"""


def is_broken(error: OSError) -> bool:
    """Return whether an OSError is caused by invalid bytes rather than by the disk.

    bz2 raises an OSError without an errno for invalid bytes. EINVAL means an invalid position in
    the file.
    """
    return error.errno in (None, errno.EINVAL)
