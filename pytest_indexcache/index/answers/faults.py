"""Faults that make requests to an index fail, or that corrupt its responses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Final

from packaging.version import Version

from pytest_indexcache.errors import FakeIndexError
from pytest_indexcache.index.documents.contents import joined
from pytest_indexcache.messages import BytesContent, Content, Delivery, Kind, Request, Subject
from pytest_indexcache.scenario.tables.changes import Fail
from pytest_indexcache.scenario.tables.fields import read_release, size_in_bytes

OF_RANGES: Final = ("ignore-range", "first-range", "long-range", "wrong-range")
"""Faults that only apply to range requests."""

_OF_BODIES: Final = ("cut", "wrong-hash", "wrong-length", *OF_RANGES)
_WITHOUT_HASH: Final = {"page": "a page", "json": "the JSON of a release"}
_HASHED: Final = frozenset({Kind.METADATA, Kind.WHEEL, Kind.SDIST})


@dataclass
class _Pending:
    fault: Fail
    left: float


class Faults:
    """The faults that an index still has to apply, in the order in which steps added them."""

    def __init__(self, index: str) -> None:
        self._index = index
        self._pending: list[_Pending] = []
        self._lock = Lock()

    def add(self, fault: Fail) -> None:
        """Add a fault, so that the next requests to which it applies will fail.

        :raises FakeIndexError: if there can be no request to which the fault applies
        """
        if fault.kind in _WITHOUT_HASH and (fault.file or fault.version):
            raise FakeIndexError(
                self._index,
                f"{_WITHOUT_HASH[fault.kind]} does not belong to a file or a release",
                "leave out the file and the version, or the kind",
            )
        if fault.method == "HEAD" and (fault.how in _OF_BODIES or _pauses(fault)):
            raise FakeIndexError(
                self._index,
                f"how = {fault.how!r} does not apply to an answer to HEAD, which has no body",
                "leave out the method",
            )
        if fault.how in ("wrong-hash", "wrong-length") and fault.kind in _WITHOUT_HASH:
            raise FakeIndexError(
                self._index,
                f"how = {fault.how!r} does not apply to {_WITHOUT_HASH[fault.kind]}, which "
                "has no promised hash or length",
                'give kind = "wheel", "sdist" or "metadata"',
            )
        left = float("inf") if fault.times == "all" else fault.times
        with self._lock:
            self._pending.append(_Pending(fault, left))

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._pending.clear()

    def take(self, request: Request, subject: Subject, status: int) -> Fail | None:
        """Return the fault to apply to a request, and count it as used; None if no fault applies.

        ``status`` is the status of the response without a fault. A fault that corrupts a body waits
        for the first response that has a body to corrupt.
        """
        if not self._pending:
            return None
        with self._lock:
            for pending in self._pending:
                if _befalls(pending.fault, request, subject, status):
                    pending.left -= 1
                    if not pending.left:
                        self._pending.remove(pending)
                    return pending.fault
        return None


def _befalls(fault: Fail, request: Request, subject: Subject, status: int) -> bool:
    if fault.kind not in ("any", subject.kind):
        return False
    if fault.project is not None and fault.project != subject.project:
        return False
    if fault.method is not None and fault.method != request.method:
        return False
    if not _is_about(fault, subject.filename):
        return False
    if fault.how in ("status", "reset", "close", "slow", "stale") and not _pauses(fault):
        return True
    if fault.how == "not-modified":
        return status in (200, 304)
    if status != 200 or request.method != "GET":
        return False
    if fault.how in OF_RANGES:
        return "Range" in request.headers
    return fault.how in ("cut", "slow") or subject.kind in _HASHED


def _pauses(fault: Fail) -> bool:
    """Return whether a slow response pauses in the middle of its body, not before its head."""
    return fault.how == "slow" and "after" in fault.model_fields_set


def _is_about(fault: Fail, filename: str | None) -> bool:
    """Return whether a filename matches the ``file`` and ``version`` of a fault, if given."""
    if fault.file is None and fault.version is None:
        return True
    name = (filename or "").removesuffix(".metadata")
    if fault.file is not None and fault.file != name:
        return False
    release = read_release(name)
    return fault.version is None or (
        release is not None and release.version == Version(fault.version)
    )


def delivery_of(fault: Fail | None, length: int) -> Delivery:
    """Return the delays and connection faults for a response with a body of ``length`` bytes.

    A ``cut`` always omits at least the last byte.
    """
    if fault is None:
        return Delivery()
    if fault.how == "slow":
        pause = min(size_in_bytes(fault.after), length) if _pauses(fault) else None
        return Delivery(delay=fault.seconds, pause_after=pause)
    if fault.how == "cut":
        return Delivery(cut_after=max(0, min(size_in_bytes(fault.after), length - 1)))
    return Delivery(drops=fault.how if fault.how in ("reset", "close") else None)


def spoiled(content: Content, other: Callable[[], Content] | None, fault: Fail | None) -> Content:
    """Return the body after a fault has been applied to it.

    If the fault is a wrong hash, the result is ``other``, which has different bytes but the same
    length. If it is a wrong length, a byte is appended, and Content-Length is the length of the
    longer body.
    """
    if fault is None or other is None:
        return content
    if fault.how == "wrong-hash":
        return other()
    if fault.how == "wrong-length":
        return joined([content, BytesContent(b"\n")])
    return content
