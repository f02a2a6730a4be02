"""Read text files from users, and write text files for them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pytest_indexcache.errors import CommandError
from pytest_indexcache.system.atomic_files import write_named_file

_HEAD: Final = 4096
_BYTE_ORDER_MARK: Final = "\ufeff"


def decoded_text(data: bytes) -> str:
    """Decode text in UTF-8 or UTF-16, and remove its byte order mark.

    Invalid bytes become U+FFFD. UTF-16 is supported because PowerShell uses it for redirected
    output.
    """
    return data.decode(_encoding(data[:_HEAD]), "replace").removeprefix(_BYTE_ORDER_MARK)


def _encoding(head: bytes) -> str:
    """Guess the encoding of a string from the positions of its zero bytes.

    In UTF-16, each ASCII character contains a zero byte.
    """
    if head[1::2].count(0) > len(head) // 4:
        return "utf-16-le"
    return "utf-16-be" if head[::2].count(0) > len(head) // 4 else "utf-8"


def write_text_file(file: Path, text: str) -> None:
    """Write a text file atomically; if that fails, an existing file is left unchanged.

    :raises CommandError: if the file cannot be written
    """
    try:
        write_named_file(file, text.encode())
    except OSError as error:
        raise CommandError(
            f"{file} cannot be written: {error.strerror or error}",
            "check free space and write permission",
        ) from error
