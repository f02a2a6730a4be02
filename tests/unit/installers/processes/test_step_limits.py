"""Messages about limits that a step has reached."""

from __future__ import annotations

import pytest

from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.installers.processes.step_limits import DEFAULT_LIMITS, ReachedLimit


@pytest.mark.parametrize(
    ("reached", "kind", "words"),
    [
        (
            ReachedLimit.of_seconds(DEFAULT_LIMITS.seconds),
            ExitKind.HANG,
            "it did not end within 120 s",
        ),
        (
            ReachedLimit.of_processes(DEFAULT_LIMITS.processes),
            ExitKind.LIMIT,
            "it had more than 256 processes at once",
        ),
        (
            ReachedLimit.of_memory(DEFAULT_LIMITS.memory),
            ExitKind.LIMIT,
            "its processes held more than 8 GiB of memory",
        ),
        (
            ReachedLimit.of_written(DEFAULT_LIMITS.written),
            ExitKind.LIMIT,
            "the play wrote more than 16 GiB",
        ),
        (
            ReachedLimit.of_output(DEFAULT_LIMITS.output),
            ExitKind.LIMIT,
            "it printed more than 256 MiB",
        ),
        (ReachedLimit.of_output(1000), ExitKind.LIMIT, "it printed more than 1000 B"),
        (ReachedLimit.of_output(1 << 19), ExitKind.LIMIT, "it printed more than 512 KiB"),
        (
            ReachedLimit.of_memory(3 << 29),
            ExitKind.LIMIT,
            "its processes held more than 1.5 GiB of memory",
        ),
    ],
)
def test_reached_limit_names_its_value(reached: ReachedLimit, kind: ExitKind, words: str) -> None:
    """The message names the limit and its value; only the time limit is classified as a hang."""
    assert (reached.kind, reached.words) == (kind, words)
