"""The output of a command, which is shortened, and the signal that ended the command."""

from __future__ import annotations

import signal

import pytest

from pytest_indexcache.installers.processes.process import Finished, KeptOutput


def _kept(limit: int, *chunks: bytes) -> KeptOutput:
    output = KeptOutput(limit)
    for chunk in chunks:
        output.add(chunk)
    return output


@pytest.mark.parametrize(
    ("limit", "chunks", "expected"),
    [
        (10, [], ""),
        (10, [b"0123456789"], "0123456789"),
        (10, [b"01", b"234567", b"89"], "0123456789"),
        (4, [b"", b"ab", b""], "ab"),
    ],
)
def test_short_output_is_kept_whole(limit: int, chunks: list[bytes], expected: str) -> None:
    """Short output is kept completely, whatever the size of its chunks."""
    output = _kept(limit, *chunks)
    assert (output.text(), output.cut) == (expected, 0)


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_of_long_output_the_beginning_and_the_end_are_kept(size: int) -> None:
    """The middle of long output is replaced by the number of omitted bytes."""
    whole = b"begin" + b"." * 2000 + b"the end"
    output = _kept(20, *(whole[i : i + size] for i in range(0, len(whole), size)))
    text = output.text()
    assert output.cut == len(whole) - 20
    assert text.startswith("begin.....\n[1,992 bytes of output are left out here]\n")
    assert text.endswith("\n...the end")


def test_output_that_is_not_utf_8_is_decoded_with_replacement() -> None:
    """Bytes of output that are not UTF-8 are decoded to replacement characters."""
    assert _kept(100, b"caf\xe9 \xff\xfe ", "über".encode()).text() == "caf� �� über"


@pytest.mark.parametrize(
    ("exit_code", "name"),
    [(0, None), (2, None), (None, None), (-signal.SIGKILL, "SIGKILL"), (-99, "signal 99")],
)
def test_the_signal_that_ended_a_command_has_a_name(
    exit_code: int | None, name: str | None
) -> None:
    """A negative exit code is reported as the name of a signal (POSIX)."""
    finished = Finished(exit_code, "", exit_code is None, 0.1, truncated=False)
    assert finished.killed_by == name
    assert finished.succeeded is (exit_code == 0)
