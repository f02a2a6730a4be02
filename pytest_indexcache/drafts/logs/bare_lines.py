"""Remove text that terminals, CI services and build tools add to the lines of a log."""

from __future__ import annotations

import re
from typing import Final

LONGEST_LINE: Final = 4000
"""The length in characters at which lines are cut off; file URLs have at most about 500."""

_ESCAPES: Final = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # hyperlinks and titles of windows
    r"|\x1b\[[0-?]*[ -/]*[@-~]"  # colours and moves of the cursor
    r"|\x1b[@-Z\\-_]"
    r"|(?:\^\[|[\ufffd\u241b])?\[\d{1,3}(?:;\d{1,3})*m"  # colours without their escape character
)
_WRAPPERS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"[^\t]{1,100}\t[^\t]{1,100}\t(?=\d{4}-\d\d-\d\d)",  # gh run view --log: job, step
        r"\ufeff",
        r"\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?"
        r"(?: \d\d[OE]\+?)? ",  # GitHub, GitLab
        r"\[?\d\d:\d\d:\d\d(?:[.,]\d+)?\]? (?=\S)",
        r"#\d+ (?:\d+\.\d+ )?",  # docker buildx: the step, and the seconds since its start
        r"=> (?:=> )?# ",  # the same in a terminal
        r"[\w.-]{1,60} +\| ",  # docker compose: the service
        r"(?:> ?)+(?=\S)",  # a quotation in Markdown
        r"\[\w+(?:[.:]\w+)+\] (?=\S)",  # Poetry: the logger
        r"##\[(?:error|warning|debug|section|group|command)\]",  # Azure Pipelines, GitHub
        r"(?:stdout|stderr) [FP] ",  # Kubernetes
        r"\d+\.\d{3} (?=\S)",  # the summary of docker buildx after an error
        r"(?:uv|pip3?|python3?)(?:\.exe)? : (?=\S)",  # the first line of stderr in PowerShell
    )
)
_SPAN: Final = re.compile(
    r"[ │├└─┐┌┘┬┤]*\d+\.\d+s +(?:\d+(?:\.\d+)?(?:ns|µs|us|ms|s) +)?(?=[A-Z]{4,5} )"
)
_NEXT: Final = re.compile(r"\s{2,}(?=(?:TRACE|DEBUG|INFO|WARN|ERROR) )")
"""A pattern for the spaces between two messages that were copied as one line."""

_GAP: Final = re.compile(r"(?<=\S) {60,}(?=\S)")
"""A pattern for the long gap in a copied line, where a terminal padded a row to its full width."""

_FEWEST_GAPS: Final = 3

_LEVEL: Final = re.compile(
    r" *(?:DEBUG|TRACE|INFO|WARN|ERROR) +(?:(?:(?:uv|pubgrub)\w*(?:::\w+)+|uv_\w+):? +)?"
)


def without_escapes(text: str) -> str:
    """Return the text without terminal escape sequences, such as colours and hyperlinks."""
    return _ESCAPES.sub("", text) if "\x1b" in text else text


def joined_rows(text: str) -> str:
    """Return the text in which lines that were wrapped by a terminal are joined again.

    Some terminals copy a wrapped line as one line, with the same long gap between its rows. The gap
    is removed wherever it occurs, even inside a word. Text with only one or two gaps is returned
    unchanged.
    """
    gaps = [len(found[0]) for found in _GAP.finditer(text)]
    if len(gaps) < _FEWEST_GAPS:
        return text
    width = min(gaps)
    return _GAP.sub(lambda found: " " * (len(found[0]) - width), text)


def messages(line: str) -> list[str]:
    """Return the messages in a line; a line that was copied from a terminal may contain several."""
    return [bare_line(part) for part in _NEXT.split(line[:LONGEST_LINE]) if part]


def bare_line(line: str) -> str:
    """Return the installer's message in a line of a log.

    The following are removed: escape sequences, time stamps, prefixes that docker adds, quotation
    marks (``>``), and uv's level and module. Other leading spaces are kept, because they help to
    recognise some messages.
    """
    text = line[:LONGEST_LINE]
    text = (_ESCAPES.sub("", text) if "\x1b" in text or "[" in text else text).rstrip("\r\n ")
    text = text.rpartition("\r")[2]  # a progress bar writes over its line
    found = True
    while found:
        found = False
        for wrapper in _WRAPPERS:
            if match := wrapper.match(text):
                text, found = text[match.end() :], True
    if match := _SPAN.match(text):
        text = text[match.end() :]
    if match := _LEVEL.match(text):
        text = text[match.end() :]
    return text
