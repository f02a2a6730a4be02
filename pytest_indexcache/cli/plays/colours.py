"""The colours of verdicts on a terminal."""

from __future__ import annotations

from typing import Final

from pytest_indexcache.run.plays.results import Verdict

_COLOURS: Final = {
    Verdict.PASSED: "32",
    Verdict.REPRODUCED: "33",
    Verdict.FAILED: "31",
    Verdict.FIXED: "31",
    Verdict.ERROR: "31;1",
    Verdict.SKIPPED: "2",
}


def painted(text: str, verdict: Verdict | None) -> str:
    """Return the text enclosed in the control sequences for a verdict's colour.

    Without a verdict, the text is returned unchanged.
    """
    colour = None if verdict is None else _COLOURS[verdict]
    return f"\x1b[{colour}m{text}\x1b[0m" if colour else text


def plain(text: str, _: Verdict | None) -> str:
    """Return the text unchanged; a substitute for :func:`painted` if colours are not wanted."""
    return text
