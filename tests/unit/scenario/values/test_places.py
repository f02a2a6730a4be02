"""Path values of scenarios."""

from __future__ import annotations

import pytest

from pytest_indexcache.scenario.values.places import (
    is_new_project,
    is_output,
    is_requirements_file,
    is_visible,
)
from pytest_indexcache.scenario.values.reach import Reach


@pytest.mark.parametrize(
    ("path", "is_seen"),
    [
        (".", True),
        ("..", True),
        ("../x/y.z", True),
        ("./x", True),
        (".x", False),
        ("../.cache", False),
        ("x/.venv/y", False),
        ("x/__pypackages__", False),
        ("x/site-packages/y", False),
        ("Dist-Packages", False),
        ("../../x", False),
    ],
)
def test_a_visible_path_has_no_hidden_part(path: str, *, is_seen: bool) -> None:
    """A path with a hidden part, such as a folder of an installer, is not visible."""
    assert is_visible(path, Reach()) is is_seen


@pytest.mark.parametrize(
    ("path", "folders", "is_possible"),
    [
        (".", ("project",), True),
        ("x", ("project",), True),
        ("..", ("project",), False),
        ("../python", ("project",), False),
        (".", ("project", "python3"), False),
        (".", ("project", "PYTHON"), False),
        (".", ("project", "."), False),
        ("x", ("project", "git"), True),
        ("../uv/.", ("project",), False),
        ("a.b", ("project",), False),
    ],
)
def test_a_new_project_has_the_name_of_its_folder(
    path: str, folders: tuple[str, ...], *, is_possible: bool
) -> None:
    """A new project is accepted only if its folder's name is safe as the name of a script."""
    assert is_new_project(path, Reach(folders=folders)) is is_possible


@pytest.mark.parametrize("name", ["MANIFEST.in", "../x/manifest.in"])
def test_a_manifest_is_no_requirements_file(name: str) -> None:
    """``MANIFEST.in`` is not accepted as a requirements file."""
    assert not is_requirements_file(name, Reach())
    assert not is_output(name, Reach())
    assert is_requirements_file("x.in", Reach())
