"""What Python raises for archives that are broken."""

from __future__ import annotations

import errno
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

Its names, sizes and compressed bytes are read as they are. OSErrors are raised besides, which
:func:`is_broken` tells from those of the disk.
"""


def is_broken(error: OSError) -> bool:
    """Return whether an error means bytes that are wrong, and not the disk.

    bz2 raises one without a number; EINVAL is for a place in the file that no file has.
    """
    return error.errno in (None, errno.EINVAL)
