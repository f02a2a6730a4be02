"""Check ``MANIFEST.in``, which tells setuptools what to include in a source distribution.

https://setuptools.pypa.io/en/latest/userguide/miscellaneous.html#using-manifest-in
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pytest_indexcache.scenario.checks.safety.contents.shapes import Misfit
from pytest_indexcache.scenario.values.kinds import check_value
from pytest_indexcache.scenario.values.reach import Reach
from pytest_indexcache.scenario.words.wording import Suggestion, shown

_COMMANDS: Final = (
    *("include", "exclude", "recursive-include", "recursive-exclude"),
    *("global-include", "global-exclude", "graft", "prune"),
)


def manifest_misfits(text: str, reach: Reach) -> Iterator[Misfit]:
    """Yield a misfit for each command or pattern that a ``MANIFEST.in`` must not contain."""
    for number, line in enumerate(text.split("\n"), 1):
        command, *patterns = line.partition("#")[0].split() or ("",)
        if command and command not in _COMMANDS:
            problem = f"line {number}: {shown(command)} is not a command of setuptools"
            yield Misfit((), problem, Suggestion(command, list(_COMMANDS), "it may be:"))
            continue
        for pattern in patterns:
            try:
                check_value("glob", pattern, reach)
            except ValueError as error:
                yield Misfit((), f"line {number}: {error}")
