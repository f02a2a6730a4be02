"""Text files in the encodings of other programs."""

from __future__ import annotations

import codecs

import pytest

from pytest_indexcache.system.text_files import decoded_text

TEXT = "DEBUG uv 0.8.2\r\nü — ✔\r\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
    ],
)
def test_encoding_is_found(data: bytes) -> None:
    """UTF-8 and UTF-16 are read, with a byte order mark or without one."""
    assert decoded_text(data) == TEXT


@pytest.mark.parametrize("data", [b"\xff\xfe\n", b"\xff", b"\x00", b"", b"a\x00b"])
def test_other_bytes_are_tolerated(data: bytes) -> None:
    """Bytes that are not valid text are replaced, and the rest of the text is kept."""
    assert decoded_text(data + b"DEBUG uv 0.8.2").endswith("DEBUG uv 0.8.2")
