"""The ways in which a step can exit."""

from __future__ import annotations

from enum import StrEnum


class ExitKind(StrEnum):
    """How a step ended, which is not always clear from its exit code.

    ``success`` means exit code 0, ``failure`` an orderly refusal with a message from the installer.
    ``crash`` means a panic, a traceback or a fatal signal. ``hang`` means that the command reached
    its time limit, and ``limit`` that it reached a limit on memory, processes, disk space or
    output. ``usage`` means that the release does not know an argument or key. ``killed`` means that
    another program or a person ended the command.
    """

    SUCCESS = "success"
    FAILURE = "failure"
    CRASH = "crash"
    HANG = "hang"
    USAGE = "usage"
    LIMIT = "limit"
    KILLED = "killed"
