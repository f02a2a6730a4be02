"""The kinds of exits of a step."""

from __future__ import annotations

from enum import StrEnum


class ExitKind(StrEnum):
    """The way in which a step ended: the exit code alone does not show it.

    ``success`` is exit code 0, ``failure`` an orderly refusal in the installer's own words,
    ``crash`` a panic, a traceback or a fatal signal, ``hang`` a command that was ended at its time
    limit, ``limit`` one that was ended at another limit, ``usage`` the refusal of an argument or a
    key that the release does not know, and ``killed`` a command that was ended by another program
    or person.
    """

    SUCCESS = "success"
    FAILURE = "failure"
    CRASH = "crash"
    HANG = "hang"
    USAGE = "usage"
    LIMIT = "limit"
    KILLED = "killed"
