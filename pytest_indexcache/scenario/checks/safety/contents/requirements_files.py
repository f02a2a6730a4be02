"""Check requirements files line by line, and refuse lines that pip and uv interpret differently.

https://pip.pypa.io/en/stable/reference/requirements-file-format/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pytest_indexcache.scenario.checks.safety.contents.python_files import OTHER_ENCODING
from pytest_indexcache.scenario.checks.safety.contents.shapes import Misfit
from pytest_indexcache.scenario.commands import check_words
from pytest_indexcache.scenario.values.reach import Reach

_COMMENT: Final = re.compile(r"(?:^|\s)#.*")


def requirements_misfits(text: str, reach: Reach) -> Iterator[Misfit]:
    """Yield a misfit for each line that is not allowed in a scenario's requirements file."""
    strange = re.search(r"[^\S\n\t ]|[\x00-\x08\x0e-\x1f]", text.replace("\r\n", "\n"))
    if strange:
        place = text.count("\n", 0, strange.start()) + 1
        yield _misfit(
            place, f"the character {strange[0]!r} ends a line for some installers, but not for all"
        )
        return
    lines = text.splitlines()
    for number, line in enumerate(lines[:2], 1):
        if line.startswith("#") and OTHER_ENCODING.search(line):
            yield _misfit(number, "pip would read the file in an encoding other than UTF-8")
    try:
        for number, line in _logical_lines(lines):
            try:
                _check_line(line, reach)
            except ValueError as error:
                yield _misfit(number, str(error))
    except _ContinuedError as error:
        yield _misfit(error.line, str(error))


class _ContinuedError(Exception):
    """Raised for a line continued with a backslash that installers interpret differently."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(problem)
        self.line = line


def _misfit(line: int, problem: str) -> Misfit:
    return Misfit((), f"line {line}: {problem}")


def _logical_lines(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Yield each logical line, without comments, and the number of its first physical line."""
    parts: list[str] = []
    for number, line in enumerate(lines, 1):
        plain = _COMMENT.sub("", line)
        if line != plain and (parts or line.rstrip().endswith("\\")):
            raise _ContinuedError(number, "a comment cannot be in a line that is continued")
        parts.append(plain.removesuffix("\\"))
        if plain.endswith("\\"):
            if not re.search(r"(?:^|\s)\\$", plain):
                raise _ContinuedError(number, "put a space before the backslash that continues it")
            continue
        if joined := " ".join(parts).strip():
            yield number - len(parts) + 1, joined
        parts = []
    if parts:
        raise _ContinuedError(len(lines), "no line follows the backslash")


def _check_line(line: str, reach: Reach) -> None:
    options_start = re.search(r"(?:^|(?<=\s))-", line)
    requirement = line[: options_start.start()].strip() if options_start else line
    options = line[len(requirement) :].split()
    for word in options:
        if re.search(r"['\"\\]", word):
            raise ValueError(f"{word} has quotation marks or a backslash: write it without")
    if requirement:
        check_words("requirements", ("requirement", *options, requirement), reach)
    else:
        check_words("requirements", ("line", *options), reach)
