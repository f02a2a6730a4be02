"""Requirements as users write them: names, URLs and paths."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.errors import UsageError
from pytest_indexcache.reference.project.requirement_texts import (
    locate_requirement,
    parse_requirement,
    split_path,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("torch==2.9.0+cpu", "torch==2.9.0+cpu"),
        ("https://x.example/Demo_One-1.0-py3-none-any.whl", "Demo_One @ https://x.example/Demo"),
        ("https://x.example/demo-one-1.0.tar.gz", "demo-one @ https://x.example/demo-one-1.0"),
        ("HTTPS://x.example/a-1-py3-none-any.whl", "a @ HTTPS://x.example/a-1-py3-none-any.whl"),
        ("a @ file:///x/a-1-py3-none-any.whl", "a @ file:///x/a-1-py3-none-any.whl"),
    ],
)
def test_urls_are_named_after_their_files(text: str, expected: str) -> None:
    """The URL of a file becomes a requirement on the project in its filename."""
    found = locate_requirement(text, str)
    assert str(found).startswith(expected)


def test_files_are_named_after_themselves(tmp_path: Path) -> None:
    """The path of a wheel becomes a requirement with a file URL and the extras of the path."""
    wheel = tmp_path / "demo-1.0-py3-none-any.whl"
    wheel.write_bytes(b"")
    url = wheel.as_uri()
    for text in (str(wheel), url, f"FILE{url[4:]}"):
        assert str(locate_requirement(f"{text}[cli]", str)) == f"demo[cli] @ {url}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("./nowhere", "there is no"),
        ("not one", "is not a requirement"),
        ("a==", "is not a requirement"),
    ],
)
def test_what_names_nothing_is_an_error(text: str, message: str) -> None:
    """The error for an invalid requirement quotes its text."""
    with pytest.raises(UsageError, match=message):
        locate_requirement(text, str)


def test_an_error_of_a_requirement_is_one_line() -> None:
    """The error for an invalid requirement is one line, without the parser's marks."""
    with pytest.raises(UsageError) as caught:
        parse_requirement("a[")
    assert "\n" not in caught.value.problem


def test_a_folder_is_named_by_who_reads_it(tmp_path: Path) -> None:
    """The requirement on a folder uses the name of its project, not of the folder."""
    (tmp_path / "src").mkdir()
    asked: list[Path] = []

    def name_of(folder: Path) -> str:
        asked.append(folder)
        return "demo"

    found = locate_requirement(f"{tmp_path}/src[web]", name_of)
    assert str(found) == f"demo[web] @ {(tmp_path / 'src').as_uri()}"
    assert asked == [tmp_path / "src"]


def test_extras_stand_behind_a_path(tmp_path: Path) -> None:
    """Extras at the end of a path are not part of the path."""
    assert split_path(f"{tmp_path}[a,b]") == (tmp_path, "[a,b]")
    assert split_path(str(tmp_path)) == (tmp_path, "")


def test_a_path_may_be_written_as_a_file_url() -> None:
    """A local path can be written as a file URL, with escapes and extras."""
    assert split_path("file:///src/my%20demo[web]") == (Path("/src/my demo"), "[web]")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("git+https://x.example/demo#egg=demo", "names a repository"),
        ("svn+ssh://x.example/demo[web]", "names a repository"),
        ("https://x.example/demo-1.0.tar.gz", "is not a folder"),
    ],
)
def test_other_urls_are_no_paths(text: str, message: str) -> None:
    """A URL with another scheme is refused, instead of being read as a path."""
    with pytest.raises(UsageError, match=message):
        split_path(text)
