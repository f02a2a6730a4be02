"""Check a command's output files before anything is played, and write them."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Final

from pytest_indexcache.errors import CommandError, ReportError
from pytest_indexcache.system.text_files import write_text_file

STDOUT: Final = Path("-")


def demand_writable(file: Path | None) -> None:
    """Raise ReportError if a file cannot be written.

    Commands check this first, because the plays before the writing may take hours.
    """
    if file is None or file == STDOUT:
        return
    folder = file.absolute().parent
    if file.is_dir():
        raise ReportError(file, "this is a folder", "name a file in it")
    if not folder.is_dir():
        raise ReportError(
            file, f"the folder {folder} does not exist", "create it, or name another file"
        )
    if not os.access(folder, os.W_OK):
        raise ReportError(file, f"the folder {folder} is not writable", "name another file")


def demand_new(file: Path | None) -> None:
    """Raise an error if a file exists or cannot be written.

    :raises CommandError: if the file exists
    :raises ReportError: if the file cannot be written
    """
    demand_writable(file)
    if file is not None and file.exists():
        raise CommandError(f"{file} already exists", "name another file, or remove it")


def demand_outputs(named: Mapping[str, Path | None]) -> None:
    """Check that the files named by options can be written and are different files.

    :raises ReportError: if a file cannot be written
    :raises CommandError: if two options name the same file
    """
    for file in named.values():
        demand_writable(file)
    for (one, file), (other, same) in combinations(named.items(), 2):
        if file is not None and file == same:
            problem = f"{one} {file} and {other} {file} would be written to the same place"
            raise CommandError(problem, "name another file for one of them")


def write_output(file: Path | None, text: str) -> None:
    """Write text to a file, or to stdout for ``-``; do nothing if ``file`` is None.

    :raises CommandError: if the file cannot be written
    """
    if file is None:
        return
    if file == STDOUT:
        sys.stdout.write(text)
        return
    write_text_file(file, text)
