"""Distributions in a venv and their origins."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from pytest_indexcache.system.venvs.installed import describe, read_installed
from pytest_indexcache.system.venvs.origins import Origin, origin_files, same_place

PYPI = Origin("index", "https://pypi.org/simple")


def make_dist_info(folder: Path, name: str, files: dict[str, bytes] | None = None) -> Path:
    """Make a dist-info folder with the given METADATA, which is empty by default."""
    dist_info = folder / f"{name}.dist-info"
    dist_info.mkdir(parents=True)
    for path, data in {"METADATA": b"", **(files or {})}.items():
        (dist_info / path).write_bytes(data)
    return dist_info


def test_names_and_versions_are_those_of_the_folders(tmp_path: Path) -> None:
    """Installed distributions are listed by normalised name, with local versions."""
    make_dist_info(tmp_path, "torch-2.9.0+cpu")
    make_dist_info(tmp_path, "Jinja2-3.1.6")
    make_dist_info(tmp_path, "typing_extensions-4.15.0")
    (tmp_path / "torch").mkdir()
    found = [(it.name, str(it.version)) for it in read_installed(tmp_path)]
    assert found == [
        ("jinja2", "3.1.6"),
        ("torch", "2.9.0+cpu"),
        ("typing-extensions", "4.15.0"),
    ]


def test_a_folder_without_metadata_is_not_installed(tmp_path: Path) -> None:
    """A dist-info without METADATA is not installed, and a missing folder has no distributions."""
    (tmp_path / "demo-1.0.dist-info").mkdir()
    assert read_installed(tmp_path, tmp_path / "nowhere") == ()


def test_metadata_is_read_where_the_folder_tells_nothing(tmp_path: Path) -> None:
    """If the name of a dist-info folder is invalid, name and version come from METADATA."""
    make_dist_info(tmp_path, "odd", {"METADATA": b"Name: Odd.Name\nVersion: 1.5\n\ntext"})
    make_dist_info(tmp_path, "odder", {"METADATA": b"Name: odder\n"})
    (found,) = read_installed(tmp_path)
    assert (found.name, found.version) == ("odd-name", Version("1.5"))


@pytest.mark.parametrize(
    "origin",
    [
        PYPI,
        Origin("url", "https://example.org/demo-1.0-py3-none-any.whl"),
        Origin("path", "/src/demo one"),
        Origin("editable", "/src/demo"),
    ],
    ids=lambda origin: origin.kind,
)
def test_what_is_recorded_of_an_origin_is_read_again(origin: Origin, tmp_path: Path) -> None:
    """An origin is written and read back with its kind, place, hashes and fingerprint."""
    make_dist_info(tmp_path, "demo-1.0", origin_files(origin, {"sha256": "ab"}, "f1"))
    (found,) = read_installed(tmp_path)
    assert found.origin == origin
    assert found.hashes == {"sha256": "ab"}
    assert found.fingerprint == "f1"


@pytest.mark.parametrize(
    ("direct_url", "expected"),
    [
        ({"url": "file:///src/demo%20one", "dir_info": {}}, Origin("path", "/src/demo one")),
        (
            {"url": "file:///src/demo", "dir_info": {"editable": True}},
            Origin("editable", "/src/demo"),
        ),
        (
            {"url": "https://example.org/demo.whl", "archive_info": {}},
            Origin("url", "https://example.org/demo.whl"),
        ),
        ({"url": 5}, None),
        ([], None),
    ],
)
def test_records_of_other_installers_are_understood(
    direct_url: object, expected: Origin | None, tmp_path: Path
) -> None:
    """The origin of a distribution by another installer is read from direct_url.json."""
    content = json.dumps(direct_url).encode()
    make_dist_info(tmp_path, "demo-1.0", {"direct_url.json": content})
    (found,) = read_installed(tmp_path)
    assert found.origin == expected


def test_direct_url_is_written_as_pep_610_says() -> None:
    """A direct_url.json is written for URLs and folders, but not for indexes (PEP 610)."""
    url = origin_files(Origin("url", "https://u:secret@example.org/a.whl"), {"sha256": "ab"}, None)
    assert json.loads(url["direct_url.json"]) == {
        "url": "https://example.org/a.whl",
        "archive_info": {"hashes": {"sha256": "ab"}},
    }
    folder = origin_files(Origin("editable", "/src/demo one"), {}, None)
    assert json.loads(folder["direct_url.json"]) == {
        "url": "file:///src/demo%20one",
        "dir_info": {"editable": True},
    }
    assert "direct_url.json" not in origin_files(PYPI, {}, None)


def test_no_file_holds_a_password() -> None:
    """No file in a venv contains the user or password of an index."""
    files = origin_files(Origin("index", "https://user:secret@example.org/simple"), {}, None)
    assert b"secret" not in b"".join(files.values())


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (PYPI, Origin("index", "https://pypi.org/simple/"), True),
        (PYPI, Origin("index", "https://user:pw@PyPI.org/simple"), True),
        (PYPI, Origin("index", "https://download.pytorch.org/whl/cpu"), False),
        (PYPI, Origin("url", "https://pypi.org/simple"), False),
        (Origin("path", "/src/demo"), Origin("path", "/src/x/../demo"), True),
        (Origin("path", "/src/demo"), Origin("editable", "/src/demo"), False),
        (
            Origin("url", "https://a.org/x.whl#sha256=1"),
            Origin("url", "https://a.org/x.whl"),
            True,
        ),
        (Origin("url", "https://a.org/x.whl?v=1"), Origin("url", "https://a.org/x.whl"), False),
        (Origin("url", "https://a.org/x+1.whl"), Origin("url", "https://a.org/x%2B1.whl"), True),
    ],
)
def test_origins_are_compared_by_place(one: Origin, other: Origin, same: bool) -> None:
    """Origins are equal if they differ only in users, fragments, final slashes or escapes."""
    assert same_place(one, other) is same


def test_descriptions_name_the_place_only_where_it_is_no_index() -> None:
    """A distribution that is not from an index is described with its URL."""
    name = canonicalize_name("demo")
    assert describe(name, Version("1.0+cpu"), PYPI) == "demo==1.0+cpu"
    assert describe(name, None, Origin("editable", "/src/demo")) == "demo (from file:///src/demo)"
    url = Origin("url", "https://u:p@a.org/x.whl")
    assert describe(name, Version("1"), url) == "demo==1 (from https://a.org/x.whl)"
