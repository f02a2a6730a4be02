"""Text files that commands write for users."""

from __future__ import annotations

from pathlib import Path

from pytest_indexcache.errors import CommandError
from pytest_indexcache.system.atomic_files import write_named_file


def write_text_file(file: Path, text: str) -> None:
    """Write a complete text file; if that fails, an existing file is kept.

    :raises CommandError: if the file cannot be written
    """
    try:
        write_named_file(file, text.encode())
    except OSError as error:
        raise CommandError(
            f"{file} cannot be written: {error.strerror or error}",
            "check free space and write permission",
        ) from error
