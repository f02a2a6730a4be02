"""The kinds of ends that a step of an installer can come to."""

from __future__ import annotations

from enum import StrEnum


class ExitKind(StrEnum):
    """How a step ended, whatever its exit code is.

    ``success`` is exit code 0, ``failure`` an orderly refusal in the installer's own words,
    ``crash`` a panic, a traceback or a fatal signal, ``hang`` a command that was ended at its time
    limit, ``usage`` the refusal of an argument or a key that the release does not know, and
    ``limit`` a command that a resource limit or somebody else ended.
    """

    SUCCESS = "success"
    FAILURE = "failure"
    CRASH = "crash"
    HANG = "hang"
    USAGE = "usage"
    LIMIT = "limit"
