"""The kinds of exits of a step."""

from __future__ import annotations

from enum import StrEnum


class ExitKind(StrEnum):
    """The way in which a step ended, which is not always clear from the exit code.

    ``success`` is exit code 0. ``failure`` is an orderly refusal with a message from the installer.
    ``crash`` is a panic, a traceback or a fatal signal. ``hang`` means that a command was ended at
    its time limit, ``limit`` that it reached a limit on memory, processes, disk space or output.
    ``usage`` means that the release refused an unknown argument or key. ``killed`` means that
    another program or a person ended the command.
    """

    SUCCESS = "success"
    FAILURE = "failure"
    CRASH = "crash"
    HANG = "hang"
    USAGE = "usage"
    LIMIT = "limit"
    KILLED = "killed"
