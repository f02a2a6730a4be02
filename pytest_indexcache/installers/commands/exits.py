"""Classify how a command ended: success, orderly failure, crash, hang or another kind of exit.

The messages about crashes and unknown arguments were collected from uv 0.1.0 to 0.13.9, pip 19.2.3
to 26.3, poetry 1.8.0 to 2.5.1, and pdm 2.0.0 to 2.29.4, although not from every release. Only a few
of the exceptions in :data:`DEFECTS` have been observed. The others are listed because they usually
indicate a programming error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.installers.processes.process import Finished
from pytest_indexcache.installers.processes.step_limits import ReachedLimit

DEFECTS: Final = (
    r"(?:ArithmeticError|AssertionError|AttributeError|BufferError|EOFError|ImportError|IndexError|"
    r"JSONDecodeError|KeyError|LookupError|MemoryError|ModuleNotFoundError|NameError|"
    r"NotImplementedError|RecursionError|StopIteration|SystemError|TypeError|UnboundLocalError|"
    r"Unicode(?:Decode|Encode)Error|ZeroDivisionError)"
)
"""Names of exceptions that indicate a defect in the installer, not an orderly refusal.

They are needed because Poetry and PDM print only the name of an exception. ValueError, RuntimeError
and OSError are not listed: Poetry, for example, raises a RuntimeError for "Hash for six … not found
in known hashes".
"""

_FROM_OUTSIDE: Final = frozenset(
    ("SIGKILL", "SIGTERM", "SIGINT", "SIGHUP", "SIGXCPU", "SIGXFSZ"),
)
"""Signals sent by a person, or by the kernel because of a ``ulimit`` or a lack of memory."""


def crash_of_python(script: str, *others: str) -> re.Pattern[str]:
    """Return a pattern for tracebacks whose first frame is the given console script.

    Tracebacks from programs that the installer runs, such as build backends, do not match.
    ``others`` are alternative patterns.
    """
    frame = (
        rf'File "(?:[^"]*[/\\]{script}(?:\.exe|-script\.py)?(?:[/\\]__main__\.py)?|<frozen runpy>)"'
    )
    traceback = rf"^Traceback \(most recent call last\):\n\s+{frame}"
    return re.compile("|".join((traceback, *others)), re.MULTILINE)


@dataclass(frozen=True, slots=True)
class CommandExit:
    """How a command exited; ``note`` briefly explains any exit other than success or failure."""

    kind: ExitKind
    note: str = ""

    @classmethod
    def of(
        cls,
        finished: Finished,
        limit: float,
        crashed: re.Pattern[str],
        unknown: str | None,
        crash_codes: frozenset[int] = frozenset(),
    ) -> CommandExit:
        """Classify how a command with a time limit of ``limit`` seconds exited.

        ``crashed`` matches the installer's crash messages. ``unknown`` is its message about an
        unknown argument, if any. ``crash_codes`` are exit codes that the installer returns only
        after a crash.
        """
        if finished.succeeded:
            return cls(ExitKind.SUCCESS)
        reached = finished.reached or (
            ReachedLimit.of_seconds(limit) if finished.timed_out else None
        )
        if reached is not None:
            return cls(reached.kind, reached.words)
        if finished.killed_by in _FROM_OUTSIDE:
            return cls(ExitKind.KILLED, f"{finished.killed_by} ended it in the middle of a step")
        text = crashed.search(finished.output)
        if finished.killed_by or text or finished.exit_code in crash_codes:
            said = _first_words(finished.output[text.start() :]) if text else ""
            how = finished.killed_by or f"exit code {finished.exit_code}"
            return cls(ExitKind.CRASH, said or f"it ended with {how}")
        if unknown is not None:
            return cls(ExitKind.USAGE, unknown)
        return cls(ExitKind.FAILURE)


def _first_words(text: str) -> str:
    """Return the line of a traceback that names the exception, or else the text's first line.

    If that first line ends with a colon, as in a panic, the second line is added.
    """
    lines = [line.rstrip() for line in text.splitlines()]
    start = next(
        (place for place, line in enumerate(lines) if line.startswith("Traceback (")), None
    )
    if start is None:
        more = lines[1:2] if lines[0].endswith(":") else []
        return " ".join(part.strip() for part in (lines[0], *more) if part.strip())
    ends = (line for line in lines[start + 1 :] if line and not line[0].isspace())
    return next(ends, lines[start])
