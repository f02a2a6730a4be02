"""Standard streams that handle write failures, for example on a full disk or a closed pipe."""

from __future__ import annotations

import errno
import io
import os
import sys
from typing import TYPE_CHECKING, BinaryIO, Final, TextIO, cast

from pytest_indexcache.errors import CommandError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_HINT: Final = "check free space, or send the output elsewhere"


class OutputFile(io.FileIO):
    """A standard output stream that raises an error with a hint if a write fails.

    After an error, all further output is discarded.
    """

    _has_lost_reader = False

    def write(self, data: ReadableBuffer, /) -> int:
        """Write bytes and return how many were written.

        :raises BrokenPipeError: if the program that reads the output has ended
        :raises CommandError: if the bytes cannot be written for another reason
        """
        try:
            return super().write(data) or 0  # None only of a descriptor that does not block
        except BrokenPipeError:
            _discard(self)
            self._has_lost_reader = True
            raise
        except OSError as error:
            _discard(self)
            raise _unwritable(error) from error

    def flush(self) -> None:
        """Flush the output.

        If :meth:`write` raised BrokenPipeError, raise it again, because argparse ignores the first
        one.
        """
        if self._has_lost_reader:
            self._has_lost_reader = False
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
        super().flush()


class MessageFile(io.FileIO):
    """Standard error that discards messages if they cannot be written."""

    def write(self, data: ReadableBuffer, /) -> int:
        """Write bytes if possible, and return how many were written or discarded."""
        try:
            return super().write(data) or 0
        except OSError:
            _discard(self)
            return memoryview(data).nbytes


class ClosedOutput(io.TextIOBase):
    """Takes the place of ``sys.stdout`` if standard output was closed when the process started."""

    def write(self, text: str, /) -> int:
        """Accept an empty string; reject any other.

        :raises CommandError: if the string is not empty
        """
        if text:
            raise _unwritable(OSError(errno.EBADF, os.strerror(errno.EBADF)))
        return 0


def guard_streams() -> None:
    """Replace ``sys.stdout`` and ``sys.stderr`` with guarded streams, unless they are terminals.

    Closed standard descriptors are connected to the null device. Without this, a file that is
    opened later could get descriptor 1 or 2, and child processes would write to it.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free descriptor, which is this one
    out, messages = _stream("stdout"), _stream("stderr")
    sys.stdout = ClosedOutput() if out is None else _guarded(out, OutputFile)
    if messages is None:
        sys.stderr = io.TextIOWrapper(io.BufferedWriter(MessageFile(2, "w", closefd=False)))
    else:
        sys.stderr = _guarded(messages, MessageFile)


def _stream(name: str) -> TextIO | None:
    stream: TextIO | None = getattr(sys, name)
    return stream


def _guarded(stream: TextIO, kind: type[io.FileIO]) -> TextIO:
    """Return a stream of class ``kind`` for the same descriptor; return a terminal unchanged."""
    if type(stream) is not io.TextIOWrapper or stream.isatty():
        return stream
    stream.flush()
    file = kind(stream.fileno(), "w", closefd=False)
    # With PYTHONUNBUFFERED, Python puts no buffer between the text and the descriptor, either.
    return io.TextIOWrapper(
        cast("BinaryIO", file) if stream.write_through else io.BufferedWriter(file),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def _unwritable(error: OSError) -> CommandError:
    return CommandError(f"standard output cannot be written: {error.strerror or error}", _HINT)


def _discard(file: io.FileIO) -> None:
    """Redirect the descriptor of a file to the null device."""
    unread = os.open(os.devnull, os.O_WRONLY)
    os.dup2(unread, file.fileno())
    os.close(unread)
