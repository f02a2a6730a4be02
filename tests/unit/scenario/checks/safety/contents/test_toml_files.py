"""TOML files that installers read are recognised, and whole files from reports pass."""

from __future__ import annotations

import pytest

from pytest_indexcache.messages import HostPort
from pytest_indexcache.scenario.checks.safety.contents.toml_files import shape_of, toml_misfits
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
    """A TOML file that no installer reads is not checked against a shape."""
    assert shape_of(name) == shape


def test_script_may_call_the_project_itself() -> None:
    """A script in a project file may call a module of the same project."""
    text = '[project]\nname = "My-App"\n[project.scripts]\nmy-app = "my_app.cli:main"\n'
    assert not list(toml_misfits(text, "pyproject.toml", REACH))


def test_text_that_is_not_toml_is_a_misfit() -> None:
    """A text that is not valid TOML is refused, because an installer might still parse it."""
    (misfit,) = toml_misfits("a = {\n}", "uv.toml", REACH)
    assert str(misfit).startswith("the text is not TOML: ")


@pytest.mark.parametrize(
    ("attribute", "files", "settings", "is_found"),
    [
        ("core.VERSION", ["core.py"], "", True),
        ("core.VERSION", ["core/__init__.py"], "", True),
        ("app.version.VERSION", ["app/version.py"], "", True),
        ("core.VERSION", ["src/core.py"], "", True),
        ("core.VERSION", ["lib/core.py"], "package-dir = { '' = 'lib' }", True),
        ("core.VERSION", ["lib/core.py"], "packages.find.where = ['lib']", True),
        ("core.VERSION", ["lib/core.py"], "", False),
        ("core.VERSION", ["docs/core.py"], "", False),
        ("core.sub.run", ["core/__init__.py"], "", False),
        ("core", ["core.py", "__init__.py"], "", False),
        ("core.VERSION", ["core.md"], "", False),
        ("core.x()", ["core.py"], "", False),
    ],
)
def test_an_attribute_is_in_a_file_that_setuptools_finds(
    attribute: str, files: list[str], settings: str, *, is_found: bool
) -> None:
    """An attribute is refused if setuptools would not find its module among the files."""
    text = f"[tool.setuptools]\n{settings}\n[tool.setuptools.dynamic]\n"
    text += f"version = {{ attr = '{attribute}' }}\n"
    found = [str(it) for it in toml_misfits(text, "pyproject.toml", REACH, files)]
    assert (found == []) is is_found
    assert is_found or f"'{attribute}' is not module.name, of a module whose file" in found[0]
