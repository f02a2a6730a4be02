"""Standard streams for output that cannot be written: to a full disk, or to a closed stream."""

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
    """The descriptor of standard output; a failed write raises an error with a hint.

    After a failure, the rest of the output is discarded.
    """

    _has_lost_reader = False

    def write(self, data: ReadableBuffer, /) -> int:
        """Write bytes, as ``io.FileIO`` does.

        :raises BrokenPipeError: if the reader of the output has ended
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
        """Raise BrokenPipeError once if the reader has ended: argparse hides it in ``--help``."""
        if self._has_lost_reader:
            self._has_lost_reader = False
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
        super().flush()


class MessageFile(io.FileIO):
    """The descriptor of standard error; messages that cannot be written are lost."""

    def write(self, data: ReadableBuffer, /) -> int:
        """Write bytes as ``io.FileIO`` does, and return their number even if writing fails."""
        try:
            return super().write(data) or 0
        except OSError:
            _discard(self)
            return memoryview(data).nbytes


class ClosedOutput(io.TextIOBase):
    """Standard output that the parent process has closed, so that Python sets it to None."""

    def write(self, text: str, /) -> int:
        """Raise an error unless there is nothing to write.

        :raises CommandError: for any text
        """
        if text:
            raise _unwritable(OSError(errno.EBADF, os.strerror(errno.EBADF)))
        return 0


def guard_streams() -> None:
    """Replace the standard streams of this process with the streams of this module.

    Terminals are not replaced. The descriptors of closed streams are opened to the null device:
    otherwise, the next file to be opened would get such a descriptor, and started processes would
    write to that file.
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
    """Return a guarded stream to the same descriptor; a terminal is returned unchanged."""
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
    """Discard all further output, including the output that Python writes when it ends."""
    unread = os.open(os.devnull, os.O_WRONLY)
    os.dup2(unread, file.fileno())
    os.close(unread)
