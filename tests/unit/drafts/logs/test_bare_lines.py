"""Lines of a log without the prefixes of a terminal, CI or docker."""

from __future__ import annotations

import pytest

from pytest_indexcache.drafts.logs.bare_lines import bare_line, joined_rows

FOUND = "Found fresh response for: https://pypi.org/simple/six/"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (f"DEBUG {FOUND}", FOUND),
        (f"\x1b[34mDEBUG\x1b[39m {FOUND}\x1b[0m", FOUND),
        (f"2025-09-12T22:56:35.6973502Z DEBUG {FOUND}", FOUND),
        (f"build\tInstall\t2025-09-12T22:56:35.6973502Z DEBUG {FOUND}", FOUND),
        (f"2025-09-12T22:56:35.697350Z 01O DEBUG {FOUND}", FOUND),
        (f"[2025-09-12 22:56:35] DEBUG {FOUND}", FOUND),
        (f"[22:56:35] DEBUG {FOUND}", FOUND),
        (f"#12 1.234 DEBUG {FOUND}", FOUND),
        (f" => => # DEBUG {FOUND}".lstrip(), FOUND),
        (f"app-1  | DEBUG {FOUND}", FOUND),
        (f"> DEBUG {FOUND}", FOUND),
        (f"        4.425797s   3ms DEBUG uv_client::cached_client {FOUND}", FOUND),
        (f"    0.034062s DEBUG uv_installer::plan {FOUND}", FOUND),
        (f" uv_client::cached_client::get_cacheable\n{FOUND}", ""),
        (f"TRACE uv_client::httpcache: {FOUND}", FOUND),
        ("DEBUG uv 0.8.2", "uv 0.8.2"),
        (" + six==1.17.0", " + six==1.17.0"),
        ("#12 3.210  + six==1.17.0", " + six==1.17.0"),
        ("10%\r50%\rDownloaded six", "Downloaded six"),
        ("\x1b]8;;https://a.example\x1b\\text\x1b]8;;\x1b\\", "text"),
        (f"[2mDEBUG[0m {FOUND}", FOUND),
        (f"^[[34mDEBUG^[[39m {FOUND}", FOUND),
        (f"uv.exe : DEBUG {FOUND}", FOUND),
        (f"DEBUG {FOUND}\r", FOUND),
        ("", ""),
    ],
)
def test_message_is_left_of_a_line(line: str, message: str) -> None:
    """Only the message of a log line is kept, including its significant spaces."""
    if message:
        assert bare_line(line) == message
    else:
        assert FOUND not in bare_line(line.partition("\n")[0])


def test_long_line_is_cut() -> None:
    """A line of many megabytes is cut before it is searched."""
    assert len(bare_line("x" * 5_000_000)) == 4000


WRAPPED = "Adding direct dependency: ru" + " " * 88 + "ff*\n"
SPACED = "Found a virtualenv at" + " " * 89 + "/home\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (WRAPPED * 3, "Adding direct dependency: ruff*\n" * 3),
        (
            WRAPPED * 2 + SPACED,
            "Adding direct dependency: ruff*\n" * 2 + "Found a virtualenv at /home\n",
        ),
        (WRAPPED * 2, WRAPPED * 2),
        ("a  b\n" * 9, "a  b\n" * 9),
    ],
)
def test_rows_of_a_terminal_are_joined(text: str, expected: str) -> None:
    """Long gaps of one width in many lines are removed, even inside a word; others are kept."""
    assert joined_rows(text) == expected
