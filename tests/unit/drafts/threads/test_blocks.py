"""The blocks of a thread, and the files in them."""

from __future__ import annotations

import pytest

from pytest_indexcache.drafts.threads.blocks import thread_parts


@pytest.mark.parametrize(
    ("text", "name", "content"),
    [
        ("`override.txt`:\n```\nsix\n```\n", "override.txt", "six"),
        ("In requirements.in I have\n\n~~~\nsix\n~~~\n", "requirements.in", "six"),
        ("```\n# dev-requirements.txt\nsix\n```", "dev-requirements.txt", None),
        ("> the file `a.txt`\n> ```\n> six\n> ```\n", "a.txt", "six"),
        ("as in src/a.txt/b\n```\nsix\n```\n", "", "six"),
        ("```\nsix", "", "six"),
        ("```", "", ""),
    ],
)
def test_file_of_a_block(text: str, name: str, content: str | None) -> None:
    """The line before a block, or the block's first line, names the file in the block."""
    (block,) = thread_parts(text).blocks
    assert block.filename == name
    assert content is None or block.text == content


def test_lines_outside_keep_their_numbers() -> None:
    """Lines outside blocks, by the thread's opener and by others, keep their line numbers."""
    parts = thread_parts("a\n_@ann_\n```\nb\n```\n_@bob_\nc\n")
    assert parts.outside.text.split("\n") == ["a", "_@ann_", "", "", "", "", ""]
    assert parts.others_outside.text.split("\n") == ["", "", "", "", "", "_@bob_", "c"]
