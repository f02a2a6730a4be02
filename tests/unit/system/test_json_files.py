"""Records in JSON files."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.system.json_files import read_json, write_json


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    """A record is read back unchanged, and writing it again replaces the older one."""
    path = tmp_path / "folder" / "record.json"
    for record in ({"size": 1}, {"size": 2, "name": "ä"}):
        write_json(path, record)
        assert read_json(path) == record
    assert [it.name for it in path.parent.iterdir()] == ["record.json"]


@pytest.mark.parametrize("data", [None, b"", b'{"size": ', b"[1]", b"\xff"])
def test_what_is_no_record_is_empty(data: bytes | None, tmp_path: Path) -> None:
    """A JSON file that is missing, damaged or not an object counts as an empty record."""
    path = tmp_path / "record.json"
    if data is not None:
        path.write_bytes(data)
    assert read_json(path) == {}
