"""Which files are TOML that installers read, and whole files as reports have them."""

from __future__ import annotations

import pytest

from pytest_indexcache.messages import HostPort
from pytest_indexcache.scenario.checks.strangers.contents.toml_files import shape_of, toml_misfits
from pytest_indexcache.scenario.values.reach import Reach

REACH = Reach(frozenset({HostPort("a.example", 443)}), frozenset({"six"}))


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("pyproject.toml", "pyproject.toml"),
        ("uv.toml", "uv.toml"),
        ("uv.lock", "uv.lock"),
        ("poetry.lock", "poetry.lock"),
        ("pdm.lock", "pdm.lock"),
        ("other.lock", "pdm.lock"),
        ("pylock.toml", "pylock.toml"),
        ("pylock.dev.toml", "pylock.toml"),
        ("data.toml", None),
        ("a.txt", None),
    ],
)
def test_shape_follows_from_the_name(name: str, shape: str | None) -> None:
    """A file of TOML that no installer reads has no shape."""
    assert shape_of(name) == shape


def test_script_may_call_the_project_itself() -> None:
    """The module of the project that a file names is brought by it."""
    text = '[project]\nname = "My-App"\n[project.scripts]\nmy-app = "my_app.cli:main"\n'
    assert not list(toml_misfits(text, "pyproject.toml", REACH))


def test_text_that_is_not_toml_is_a_misfit() -> None:
    """An installer may read what this parser cannot."""
    (misfit,) = toml_misfits("a = {\n}", "uv.toml", REACH)
    assert str(misfit).startswith("the text is not TOML: ")
