"""Writing of a command's output to a file or to stdout."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from pytest_indexcache.errors import CommandError
from pytest_indexcache.system.atomic_files import write_atomically

STDOUT: Final = Path("-")


def write_output(file: Path | None, text: str) -> None:
    """Write a text to ``file``, or to stdout for ``-``; do nothing without a file.

    :raises CommandError: if the file cannot be written
    """
    if file is None:
        return
    if file == STDOUT:
        sys.stdout.write(text)
        return
    try:
        write_atomically(file, text.encode())
    except OSError as error:
        raise CommandError(
            f"{file} cannot be written: {error.strerror or error}",
            "check free space and write permission",
        ) from error
