"""Generated contents: any part that is read has the same bytes as in the whole."""

from __future__ import annotations

import hashlib
import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from pytest_indexcache.index.documents.contents import (
    BLOCK_LENGTH,
    Digests,
    PaddingContent,
    PartContent,
    joined,
    read,
)
from pytest_indexcache.index.documents.wheels import WheelSpec, build_wheel
from pytest_indexcache.messages import BytesContent, Content

LENGTHS = st.integers(0, 3 * BLOCK_LENGTH)

contents = st.recursive(
    st.builds(BytesContent, st.binary(max_size=40)) | st.builds(PaddingContent, LENGTHS),
    lambda parts: (
        st.lists(parts, max_size=4).map(joined) | st.builds(PartContent, parts, LENGTHS, LENGTHS)
    ),
    max_leaves=6,
)


def whole(content: Content) -> bytes:
    """Return all bytes of a content."""
    return b"".join(content.chunks(0, content.length))


@given(contents, LENGTHS, LENGTHS)
def test_any_part_is_the_same_part_of_the_whole(content: Content, start: int, stop: int) -> None:
    """A range of a content yields the same bytes as that part of the whole, even beyond the end."""
    stop = min(stop, content.length)
    assert b"".join(content.chunks(start, stop)) == whole(content)[start : max(start, stop)]


@given(contents)
def test_length_is_known_before_the_bytes(content: Content) -> None:
    """The declared length of a content is the number of bytes that it yields."""
    assert content.length == len(whole(content))


@given(contents)
def test_digests_are_those_of_the_bytes(content: Content) -> None:
    """The declared digests of a content are those of the bytes that it yields."""
    digests, data = Digests(content), whole(content)
    assert digests.sha256 == hashlib.sha256(data).hexdigest()
    assert digests.md5 == hashlib.md5(data, usedforsecurity=False).hexdigest()


@given(st.lists(st.binary(max_size=20)))
def test_contents_in_memory_become_one_when_they_are_joined(parts: list[bytes]) -> None:
    """Small contents are joined into one content in memory."""
    content = joined([BytesContent(part) for part in parts])
    assert isinstance(content, BytesContent)
    assert read(content) == b"".join(parts)


def test_a_large_wheel_is_handed_out_without_being_held() -> None:
    """Serving and hashing 64 MiB takes less than a megabyte of memory."""
    wheel = build_wheel(WheelSpec("large", "1", padding=64 << 20))
    tracemalloc.start()
    try:
        sent = sum(len(chunk) for chunk in wheel.content.chunks(0, wheel.content.length))
        digest = wheel.digests.sha256
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sent == wheel.content.length > 64 << 20
    assert len(digest) == 64
    assert peak < 1 << 20
