"""The limits for a step: on its duration, and on its use of memory, disk space and processes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.scenario.tables.fields import human_size


@dataclass(frozen=True, slots=True)
class StepLimits:
    """The limits for a step and all processes that it starts.

    ``seconds`` is the time limit for each command, ``processes`` the number of simultaneous
    processes. The other limits are in bytes: ``memory`` is for all processes together, ``written``
    is the size of the workspace on the disk, and ``output`` the length of a command's output.
    """

    seconds: float = 120.0
    processes: int = 256
    memory: int = 8 << 30
    written: int = 16 << 30
    output: int = 256 << 20


DEFAULT_LIMITS: Final = StepLimits()
"""Limits far above any normal play, such as uv with 1 GiB of padding or 100 releases in pip."""


@dataclass(frozen=True, slots=True)
class ReachedLimit:
    """A limit that a step reached, with the kind of exit that results and a short description."""

    kind: ExitKind
    words: str

    @classmethod
    def of_seconds(cls, limit: float) -> ReachedLimit:
        """Return the limit reached by a step that took longer than ``limit`` seconds."""
        return cls(ExitKind.HANG, f"it did not end within {limit:g} s")

    @classmethod
    def of_processes(cls, limit: int) -> ReachedLimit:
        """Return the limit reached by a step that had more than ``limit`` processes at once."""
        return cls(ExitKind.LIMIT, f"it had more than {limit} processes at once")

    @classmethod
    def of_memory(cls, limit: int) -> ReachedLimit:
        """Return the limit reached by a step that used more than ``limit`` bytes of memory."""
        return cls(ExitKind.LIMIT, f"its processes held more than {human_size(limit)} of memory")

    @classmethod
    def of_written(cls, limit: int) -> ReachedLimit:
        """Return the limit reached by a play that wrote more than ``limit`` bytes."""
        return cls(ExitKind.LIMIT, f"the play wrote more than {human_size(limit)}")

    @classmethod
    def of_output(cls, limit: int) -> ReachedLimit:
        """Return the limit reached by a command that printed more than ``limit`` bytes."""
        return cls(ExitKind.LIMIT, f"it printed more than {human_size(limit)}")

    @classmethod
    def of_interruption(cls) -> ReachedLimit:
        """Return the limit for a step interrupted by Ctrl-C, which counts as reaching a limit."""
        return cls(ExitKind.KILLED, "it was interrupted")
