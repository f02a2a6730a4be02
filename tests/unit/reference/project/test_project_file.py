"""Edits of project files that keep comments and layout."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pytest_indexcache.errors import UsageError
from pytest_indexcache.reference.project.project_file import ProjectFile
from pytest_indexcache.reference.words.packages import IndexLocation

DEMO = canonicalize_name("demo")


def edit(tmp_path: Path, text: str) -> ProjectFile:
    """Write a project file with this text, and return its editor."""
    path = tmp_path / "pyproject.toml"
    path.write_bytes(text.encode())
    return ProjectFile(path)


def written(file: ProjectFile, *, keeps_comments: bool = True) -> str:
    """Write the file, and return its text."""
    assert file.write() is keeps_comments
    return file.path.read_bytes().decode()


PLAIN = """\
# The project.
[project]
name = "p"  # its name
dependencies = ["a>=1", "b"]  # what it needs

[tool.other]
x = 1
"""


def test_a_requirement_is_put_behind_the_others(tmp_path: Path) -> None:
    """A requirement is added to an array in the array's layout, and comments are kept."""
    file = edit(tmp_path, PLAIN)
    file.add_requirements([Requirement("Demo[x]>=2; python_version > '3'")])
    assert written(file) == PLAIN.replace(
        '["a>=1", "b"]', """["a>=1", "b", "Demo[x]>=2; python_version > \\"3\\""]"""
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[]", '["demo"]'),
        ("[ ]", '["demo" ]'),
        ('["a",]', '["a", "demo"]'),
        ('[\n  "a",\n]', '[\n  "a",\n  "demo",\n]'),
        ('[\n  "a"\n]', '[\n  "a",\n  "demo",\n]'),
        ('[\n  "a",  # why, "really"\n]', '[\n  "a",  # why, "really"\n  "demo",\n]'),
        ('[\n  "a"  # why\n  # end\n]', '[\n  "a",  # why\n  # end\n  "demo",\n]'),
        ("[\n\t'a',\n\t'b',\n]", "[\n\t'a',\n\t'b',\n\t\"demo\",\n]"),
        ('[\n  "a",\n  "b"]', '[\n  "a",\n  "b",\n  "demo",]'),
        ('["""a""", "x[y]>1"]', '["""a""", "x[y]>1", "demo"]'),
    ],
)
def test_layouts_of_arrays_are_kept(before: str, after: str, tmp_path: Path) -> None:
    """A string added to an array is indented and separated like the other elements."""
    text = '[project]\nname = "p"\ndependencies = {}\nversion = "1"  # end\n'
    file = edit(tmp_path, text.format(before))
    file.add_requirements([Requirement("demo")])
    assert written(file) == text.format(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('["demo"]', "[]"),
        ('["demo>=1", "a"]', '["a"]'),
        ('["a", "Demo >=1"]', '["a"]'),
        ('["a", "demo", "b"]', '["a", "b"]'),
        ('[\n  "a",\n  "demo",  # why\n  "b",\n]', '[\n  "a",\n  "b",\n]'),
        ('[\n  # first\n  "demo",\n]', "[\n  # first\n]"),
        ('[\n  "a",\n  "demo"\n]', '[\n  "a",\n]'),
        ('["demo", "a", "demo[x]"]', '["a"]'),
    ],
)
def test_requirements_are_removed_by_project(before: str, after: str, tmp_path: Path) -> None:
    """Every requirement on a project is removed, and its comment with it."""
    text = '[project]\nname = "p"\ndependencies = {}\nversion = "1"  # end\n'
    file = edit(tmp_path, text.format(before))
    file.remove_requirements([DEMO])
    assert written(file) == text.format(after)


def test_a_new_requirement_takes_the_place_of_an_old_one(tmp_path: Path) -> None:
    """A new requirement replaces an existing requirement on the same project."""
    file = edit(tmp_path, PLAIN)
    file.add_requirements([Requirement("A<9")])
    assert tomllib.loads(written(file))["project"]["dependencies"] == ["b", "A<9"]


def test_extras_and_groups_are_made_where_they_are_missing(tmp_path: Path) -> None:
    """A missing extra or group is added at the end of the file."""
    file = edit(tmp_path, PLAIN)
    file.add_requirements([Requirement("demo")], extra="cu12")
    file.add_requirements([Requirement("other")], extra="CU12")
    file.add_requirements([Requirement("pytest")], group="dev")
    text = written(file)
    data = tomllib.loads(text)
    assert set(PLAIN.splitlines()) < set(text.splitlines())
    assert data["project"]["optional-dependencies"] == {"cu12": ["demo", "other"]}
    assert data["dependency-groups"] == {"dev": ["pytest"]}


def test_dependencies_are_made_where_there_are_none(tmp_path: Path) -> None:
    """Missing dependencies are added to the [project] table, not to the end of the file."""
    file = edit(tmp_path, '[project]\nname = "p"\n\n[tool.x]\ny = 1\n')
    file.add_requirements([Requirement("demo")])
    assert written(file) == (
        '[project]\nname = "p"\ndependencies = [\n    "demo",\n]\n\n[tool.x]\ny = 1\n'
    )


def test_sources_and_indexes_are_written_and_replaced(tmp_path: Path) -> None:
    """A new source replaces the older one, and an existing index is not added again."""
    file = edit(tmp_path, PLAIN)
    index = IndexLocation("nv", "https://pypi.nvidia.com/")
    for _ in range(2):
        file.add_index(index)
    file.set_source(DEMO, {"path": "../demo", "editable": True})
    file.set_source(DEMO, {"index": "nv"})
    text = written(file)
    assert text.startswith(PLAIN)
    assert tomllib.loads(text)["tool"]["indexcache"] == {
        "indexes": [{"name": "nv", "url": "https://pypi.nvidia.com/"}],
        "sources": {"demo": {"index": "nv"}},
    }
    with pytest.raises(UsageError, match="the index 'nv' is at https://pypi"):
        file.add_index(IndexLocation("nv", "https://elsewhere.example"))


def test_the_source_of_what_nothing_requires_goes(tmp_path: Path) -> None:
    """The source of a removed project is kept if an extra still requires it."""
    text = PLAIN + (
        '\n[project.optional-dependencies]\nx = ["demo"]\ny = ["demo>1"]\n'
        '\n[tool.indexcache.sources]\nDemo = { index = "nv" }  # there\nz = { url = "u" }\n'
    )
    file = edit(tmp_path, text)
    file.remove_requirements([DEMO], extra="x")
    assert "Demo = " in written(file)
    file.remove_requirements([DEMO], extra="y")
    result = written(file)
    assert "Demo = " not in result
    assert "z = " in result


def test_removing_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    """The error for removing a requirement that is not there names the array."""
    file = edit(tmp_path, PLAIN)
    with pytest.raises(UsageError, match=r"project\.dependencies does not have demo"):
        file.remove_requirements([DEMO])
    with pytest.raises(UsageError, match=r"optional-dependencies\.cpu does not have a"):
        file.remove_requirements([canonicalize_name("a")], extra="cpu")


@pytest.mark.parametrize(
    "text",
    [
        'project = { name = "p", dependencies = ["a"] }  # inline\n',
        '[project]\nname = "p"\ndependencies = ["a"]\noptional-dependencies.x = ["b"]\n',
    ],
)
def test_tables_without_a_header_are_edited_where_they_are(text: str, tmp_path: Path) -> None:
    """Inline tables and dotted keys are extended in place, and keep their comments."""
    file = edit(tmp_path, text)
    file.add_requirements([Requirement("demo")], extra="y")
    result = written(file)
    assert result.count("[project") == text.count("[project")
    assert result.endswith("  # inline\n") is text.endswith("  # inline\n")
    project = tomllib.loads(result)["project"]
    assert project["optional-dependencies"]["y"] == ["demo"]
    assert project["dependencies"] == ["a"]


def test_a_layout_that_cannot_be_edited_is_written_anew(tmp_path: Path) -> None:
    """A layout that cannot be edited is rewritten, and the lost comments are reported."""
    file = edit(tmp_path, '[project]\nname = "p"\ndependencies = ["a"  # why\n , ]\n')
    file.add_requirements([Requirement("demo")])
    result = written(file, keeps_comments=False)
    assert tomllib.loads(result)["project"] == {"name": "p", "dependencies": ["a", "demo"]}


@pytest.mark.parametrize("content", [b"[project", b"\xff", b"a = 1\na = 2\n"])
def test_what_is_no_toml_is_an_error(content: bytes, tmp_path: Path) -> None:
    """The error for a project file that is not valid TOML gives its path."""
    path = tmp_path / "pyproject.toml"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"pyproject\.toml: cannot be read as TOML"):
        ProjectFile(path)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    """The error for a missing project file gives its path."""
    with pytest.raises(UsageError, match="there is no such file"):
        ProjectFile(tmp_path / "pyproject.toml")


BLANKS = st.sampled_from(["", " ", "\n", "\n  ", '  # [note], "x"\n', "\r\n\t"])
STRINGS = st.sampled_from(['"a"', "'b>=1'", '"c[x]"', '"demo"', "'''demo>2'''", '"d\\u0065mo"'])


@given(
    parts=st.lists(st.tuples(BLANKS, STRINGS, BLANKS), max_size=5),
    last=BLANKS,
    has_comma=st.booleans(),
)
def test_any_array_can_be_edited(
    parts: list[tuple[str, str, str]],
    last: str,
    has_comma: bool,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """After an edit of an array in any layout, the file contains the expected data."""
    items = ",".join(before + text + after for before, text, after in parts)
    comma = "," if has_comma and parts else ""
    text = f"[project]\nname = 'p'\ndependencies = [{items}{comma}{last}]\n[x]\ny = 'z' # keep\n"
    before = tomllib.loads(text)["project"]["dependencies"]
    file = edit(tmp_path_factory.mktemp("p"), text)
    file.add_requirements([Requirement("demo>3")])
    is_kept = file.write()
    result = file.path.read_bytes().decode()
    kept = [it for it in before if not it.startswith("demo")]
    assert tomllib.loads(result)["project"]["dependencies"] == [*kept, "demo>3"]
    assert result.endswith("]\n[x]\ny = 'z' # keep\n") is is_kept
