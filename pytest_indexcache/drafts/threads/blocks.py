"""Divide an issue thread into fenced blocks and prose."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from pytest_indexcache.drafts.threads.posts import Posts, find_posts

_FENCE: Final = re.compile(r"^[ >]{0,8}(?P<fence>`{3,}|~{3,})(?P<language>[^`\n]*)$")
_QUOTE: Final = re.compile(r"^(?: {0,3}> ?)+")
_FILENAME: Final = re.compile(r"(?<![\w./-])([\w-][\w.-]{0,80}\.(?:txt|in|toml|lock))(?![\w/])")
_FIRST_COMMENT: Final = re.compile(r"# *([\w-][\w.-]{0,80}\.(?:txt|in|toml|lock)):?\s*")
_LINES_BEFORE: Final = 3


@dataclass(frozen=True)
class Block:
    """A fenced block in a thread, or prose; ``line`` is the number of its first line.

    ``is_openers`` is true if the author of the issue wrote it. ``filename`` is the name of the
    pasted file, if the block's first line or a line before the block contains it.
    """

    line: int
    text: str
    is_openers: bool = True
    filename: str = ""


@dataclass(frozen=True)
class ThreadParts:
    """The fenced blocks in a thread, the prose by the issue's author, and other authors' prose.

    In both prose strings, lines that belong to blocks or to the other string are left blank, which
    preserves line numbers.
    """

    blocks: tuple[Block, ...]
    outside: Block
    others_outside: Block


def thread_parts(text: str) -> ThreadParts:
    """Divide a thread into blocks and prose.

    A block that is not closed extends to the end of the text. Quotation marks (``>``) at the
    beginning of a block's lines are removed.
    """
    lines = text.splitlines()
    spans = _spans(lines)
    outside = list(lines)
    for start, end in spans:
        outside[start:end] = [""] * (end - start)
    posts = find_posts(outside)
    blocks = tuple(_block(lines, start, end, posts, outside) for start, end in spans)
    numbered = list(enumerate(outside, start=1))
    own = [line if posts.is_opener(number) else "" for number, line in numbered]
    others = ["" if posts.is_opener(number) else line for number, line in numbered]
    return ThreadParts(
        blocks, Block(0, "\n".join(own)), Block(0, "\n".join(others), is_openers=False)
    )


def _spans(lines: list[str]) -> list[tuple[int, int]]:
    """Return the start and end index of each block, including its fences."""
    spans: list[tuple[int, int]] = []
    fence, start = "", 0
    for number, line in enumerate(lines):
        found = _FENCE.match(line)
        if found and not fence:
            fence, start = found["fence"], number
        elif found and found["fence"].startswith(fence) and not found["language"].strip():
            spans.append((start, number + 1))
            fence = ""
    return [*spans, (start, len(lines))] if fence else spans


def _block(lines: list[str], start: int, end: int, posts: Posts, outside: list[str]) -> Block:
    is_closed = end - start > 1 and _FENCE.match(lines[end - 1]) is not None
    inner = lines[start + 1 : end - 1 if is_closed else end]
    if lines[start].lstrip().startswith(">"):
        inner = [_QUOTE.sub("", line) for line in inner]
    before = [line for line in outside[max(0, start - _LINES_BEFORE) : start] if line.strip()][-1:]
    first = _FIRST_COMMENT.fullmatch(inner[0]) if inner else None
    names = [first[1]] if first else _FILENAME.findall("".join(before))
    number = start + 1
    return Block(number, "\n".join(inner), posts.is_opener(number), names[-1] if names else "")
