"""What a command line asks for, as requirements, sources and indexes."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.errors import UsageError
from pytest_indexcache.reference.commands.demand import Demand, parse_requirement
from pytest_indexcache.reference.words.packages import IndexLocation

CPU = IndexLocation("cpu", "https://download.pytorch.org/whl/cpu")


def test_indexes_are_asked_in_their_order() -> None:
    """Find-links come first, then the extra indexes, the installer's own, and the default."""
    demand = Demand(indexes=[CPU], find_links=["/wheels", "https://flat.example/"])
    own = IndexLocation("own", "https://own.example/simple")
    found = demand.with_files().indexes([own], "https://default.example/simple")
    assert [(it.url, it.flat, it.default) for it in found] == [
        ("file:///wheels", True, False),
        ("https://flat.example/", True, False),
        (CPU.url, False, False),
        (own.url, False, False),
        ("https://default.example/simple", False, True),
    ]


def test_a_default_index_of_the_command_line_counts_more() -> None:
    """The installer's default is what is left when nobody names another."""
    found = Demand(default_index="https://mine.example/simple").with_files().indexes()
    assert [it.url for it in found] == ["https://mine.example/simple"]


def test_an_index_with_two_names_is_asked_once() -> None:
    """Its first place counts; a slash at the end and a user make no other index of it."""
    again = IndexLocation("again", "https://me:secret@download.pytorch.org/whl/cpu/")
    found = Demand(indexes=[CPU, again], default_index=CPU.url).with_files().indexes([again])
    assert found == (CPU,)


def test_no_index_leaves_only_find_links() -> None:
    """Neither extra indexes nor the default are asked then."""
    demand = Demand(indexes=[CPU], find_links=["/wheels"], no_index=True)
    assert [it.url for it in demand.with_files().indexes([CPU])] == ["file:///wheels"]


def test_requirements_files_add_to_the_command_line(tmp_path: Path) -> None:
    """Requirements, editable folders, constraints and indexes of files are put beside."""
    path = tmp_path / "r.txt"
    path.write_text(
        "b\n-e ./local\n-c c.txt\n-i https://file.example/simple\n"
        "--extra-index-url https://more.example/simple\n--require-hashes\n"
    )
    (tmp_path / "c.txt").write_text("c<2\n")
    demand = Demand(requirements=["a"], files=[path], constraints=["d<3"])
    gathered = demand.with_files()
    assert [line.text for line in gathered.lines] == ["a", "b"]
    assert gathered.demand.editable == (str(tmp_path / "local"),)
    assert [str(it) for it in gathered.constraints()] == ["d<3", "c<2"]
    assert gathered.demand.require_hashes
    assert [it.url for it in gathered.indexes()] == [
        "https://more.example/simple",
        "https://file.example/simple",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("torch==2.9.0+cpu", "torch==2.9.0+cpu"),
        ("https://x.example/Demo_One-1.0-py3-none-any.whl", "Demo_One @ https://x.example/Demo"),
        ("https://x.example/demo-one-1.0.tar.gz", "demo-one @ https://x.example/demo-one-1.0"),
        ("a @ file:///x/a-1-py3-none-any.whl", "a @ file:///x/a-1-py3-none-any.whl"),
    ],
)
def test_urls_are_named_after_their_files(text: str, expected: str) -> None:
    """A URL alone is a requirement on the project that its file is of."""
    (found,) = Demand(requirements=[text]).with_files().requirements()
    assert str(found).startswith(expected)


def test_files_are_named_after_themselves(tmp_path: Path) -> None:
    """The path of a wheel becomes a requirement with a file URL, extras kept."""
    wheel = tmp_path / "demo-1.0-py3-none-any.whl"
    wheel.write_bytes(b"")
    (found,) = Demand(requirements=[f"{wheel}[cli]"]).with_files().requirements()
    assert str(found) == f"demo[cli] @ {wheel.as_uri()}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("./nowhere", "there is no"),
        ("not one", "is no requirement"),
        ("a==", "is no requirement"),
    ],
)
def test_what_names_nothing_is_an_error(text: str, message: str) -> None:
    """The error says what was asked for."""
    with pytest.raises(UsageError, match=message):
        Demand(requirements=[text]).with_files().requirements()


@pytest.mark.parametrize(
    ("demand", "is_by_name"),
    [
        (Demand(requirements=["a", "b>1; python_version > '3'"], constraints=["b<1"]), True),
        (Demand(requirements=["a"], editable=["x"]), False),
        (Demand(requirements=["./x"]), False),
        (Demand(requirements=["a @ https://x.example/a.whl"]), False),
    ],
)
def test_only_demands_by_name_can_be_met_without_an_index(demand: Demand, is_by_name: bool) -> None:
    """What is installed can be compared with names and specifiers alone."""
    assert demand.with_files().is_by_name is is_by_name


def test_an_error_of_a_requirement_is_one_line() -> None:
    """The parser's picture of the place is left out."""
    with pytest.raises(UsageError) as caught:
        parse_requirement("a[")
    assert "\n" not in caught.value.problem
