"""JSON files that this package has written, and that a user names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from pytest_indexcache.errors import ReportError
from pytest_indexcache.system.report_files import ReportFormat

FORMAT: Final = ReportFormat("a list", 2, "a list of plays", "name a list", "list them again")


def test_file_of_the_format_is_parsed(tmp_path: Path) -> None:
    """A file with the right kind and version is passed to the parser."""
    file = tmp_path / "list.json"
    file.write_text('{"kind": "a list", "format": 2, "plays": [1]}', encoding="utf-8")
    assert FORMAT.read(file, lambda data: data["plays"]) == [1]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (None, "it cannot be read: No such file", "name a list"),
        ("{", "it cannot be read as JSON", "name a list"),
        ("[]", "it is not a list of plays", "name a list"),
        ('{"kind": "other"}', "it is not a list of plays", "name a list"),
        (
            '{"kind": "a list", "format": 3}',
            "another version of this package wrote it: format 3",
            "list them again; this version reads format 2",
        ),
        ('{"kind": "a list", "format": 2}', "it is damaged: KeyError('plays')", "list them again"),
    ],
)
def test_other_file_is_refused_with_a_remedy(
    tmp_path: Path, text: str | None, message: str, hint: str
) -> None:
    """The error for a file that cannot be used says why, and what to do."""
    file = tmp_path / "list.json"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(ReportError, match=re.escape(message)) as raised:
        FORMAT.read(file, lambda data: data["plays"])
    assert raised.value.hint == hint
