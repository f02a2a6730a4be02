"""The requirements, sources and indexes that a command line demands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from pytest_indexcache.errors import UsageError
from pytest_indexcache.reference.commands.demand import (
    Demand,
    extra_indexes,
    named_index,
)
from pytest_indexcache.reference.commands.options import Options
from pytest_indexcache.reference.project.project import load_project
from pytest_indexcache.reference.words.packages import IndexLocation
from pytest_indexcache.reference.words.selection import EVERYTHING, Selection

CPU = "https://download.pytorch.org/whl/cpu"


def demand(*requirements: str, **more: Any) -> Demand:
    """Return the demand of a command line with these requirements and options."""
    return Demand.of(Options(requirements=requirements or ("a",), **more))


def test_indexes_are_asked_in_their_order() -> None:
    """Find-links are searched first, then extra indexes, and the default index last."""
    found = demand(
        extra_index_url=(f"cpu={CPU}",), find_links=("/wheels", "https://flat.example/")
    ).indexes("https://default.example/simple")
    assert [(it.url, it.flat, it.default) for it in found] == [
        ("file:///wheels", True, False),
        ("https://flat.example/", True, False),
        (CPU, False, False),
        ("https://default.example/simple", False, True),
    ]


def test_a_default_index_of_the_command_line_counts_more() -> None:
    """The installer's default index is used only if the command line names none."""
    found = demand(index_url="https://mine.example/simple").indexes()
    assert [it.url for it in found] == ["https://mine.example/simple"]


@pytest.mark.parametrize(
    "url",
    [
        "foo",
        "",
        "htp://x.example/simple",
        "https:///simple",
        "http://[",
        "file:",
        "file:simple",
        "file://x.example/simple",
    ],
)
def test_what_is_not_the_url_of_an_index_is_refused(url: str, tmp_path: Path) -> None:
    """An invalid index URL is an error before any request, and is not replaced by another index."""
    with pytest.raises(UsageError, match=f"{re.escape(repr(url))} is not the URL of an index"):
        demand(index_url=url).indexes()
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "p"\n')
    with pytest.raises(UsageError, match="is not the URL of an index"):
        load_project(tmp_path, default_index=url)


def test_an_index_with_two_names_is_asked_once() -> None:
    """URLs that differ only in a final slash, user, host case or default port are one index."""
    again = "again=https://me:secret@download.pytorch.org/whl/cpu/"
    other = "HTTPS://Download.PyTorch.org:443/whl/cpu"
    found = demand(extra_index_url=(f"cpu={CPU}", again, other), index_url=CPU).indexes()
    assert found == (IndexLocation("cpu", CPU),)


def test_no_index_leaves_only_find_links() -> None:
    """With --no-index, neither the extra indexes nor the default index are used."""
    found = demand(extra_index_url=(CPU,), find_links=("/wheels",), no_index=True).indexes()
    assert [it.url for it in found] == ["file:///wheels"]


def test_requirements_files_add_to_the_command_line(tmp_path: Path) -> None:
    """The contents of requirements files are added to the options of the command line."""
    path = tmp_path / "r.txt"
    path.write_text(
        "b\n-e ./local\n-c c.txt\n-i https://file.example/simple\n"
        "--extra-index-url https://more.example/simple\n--require-hashes\n"
        "--no-binary lib,App\n--no-binary x\n--only-binary :all:\n--pre\n--prefer-binary\n"
    )
    (tmp_path / "c.txt").write_text("c<2\n")
    gathered = demand(files=(path,), constraints=("d<3",))
    assert [line.text for line in gathered.lines] == ["a", "b"]
    assert gathered.options.editable == (str(tmp_path / "local"),)
    assert [line.text for line in gathered.constraint_lines] == ["d<3", "c<2"]
    assert gathered.options.require_hashes
    assert (gathered.options.prereleases, gathered.options.prefer_binary) == (True, True)
    assert gathered.options.no_binary == Selection.of(["lib", "app", "x"])
    assert gathered.options.no_build == EVERYTHING
    assert [it.url for it in gathered.indexes()] == [
        "https://more.example/simple",
        "https://file.example/simple",
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"flat": ("other",)}, "--flat: no index is called 'other'"),
        (
            {"extra_index_url": (f"cpu={CPU}",), "cache_control": ("cpu=x",)},
            "names neither pages nor files",
        ),
        ({"cache_control": ("main.pages=x",)}, "--cache-control: no index is called 'main'"),
        ({"extra_index_url": ("other",)}, "'other' is not the URL of an index"),
    ],
)
def test_option_about_an_index_that_is_not_named(options: dict[str, Any], message: str) -> None:
    """The error for an option about an index that is not configured names the index."""
    with pytest.raises(UsageError, match=message):
        extra_indexes(Options(**options))


def test_options_about_an_index_are_put_together() -> None:
    """Separate options can make an index flat and override its Cache-Control."""
    options = Options(
        extra_index_url=(f"cpu={CPU}",), flat=("cpu",), cache_control=("cpu.files=max-age=9",)
    )
    assert extra_indexes(options) == (
        IndexLocation("cpu", CPU, flat=True, files_override="max-age=9"),
    )


def test_overrides_of_files_and_of_the_command_line(tmp_path: Path) -> None:
    """Overrides come from files and from the command line, and variables in files are expanded."""
    path = tmp_path / "o.txt"
    path.write_text("b==${VERSION}\n")
    asked = Demand.of(
        Options(requirements=("a",), override_files=(path,), overrides=("c<2",)), {"VERSION": "1"}
    )
    assert asked.options.overrides == ("b==1", "c<2")


def test_index_with_and_without_a_name() -> None:
    """The name of an index without a given name is its URL."""
    url = "https://x.example/simple?a=b"
    assert named_index(f"x={url}") == IndexLocation("x", url)
    assert named_index(url) == IndexLocation(url, url)


def test_a_command_for_nothing_is_an_error() -> None:
    """A command without any requirement, file or folder is an error."""
    with pytest.raises(UsageError, match="no requirement is given"):
        Demand.of(Options())
