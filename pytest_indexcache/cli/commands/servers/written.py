"""Writing of a command's output to a file or to stdout."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from pytest_indexcache.system.text_files import write_text_file

STDOUT: Final = Path("-")


def write_output(file: Path | None, text: str) -> None:
    """Write text to ``file``, or to stdout for ``-``; do nothing without a file.

    :raises CommandError: if the file cannot be written
    """
    if file is None:
        return
    if file == STDOUT:
        sys.stdout.write(text)
        return
    write_text_file(file, text)
