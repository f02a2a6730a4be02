"""Tables of Poetry and PDM as standard tables and tables of uv."""

from __future__ import annotations

import tomllib

import pytest

from pytest_indexcache.drafts.files.foreign_tables import (
    PYPI_URL,
    poetry_requirements,
    poetry_specifier,
    with_standard_tables,
)
from pytest_indexcache.drafts.files.project_files import read_project_file

CPU = "https://download.pytorch.org/whl/cpu"


@pytest.mark.parametrize(
    ("constraint", "specifier"),
    [
        ("*", ""),
        ("^1.2.3", ">=1.2.3,<2"),
        ("^0.2.3", ">=0.2.3,<0.3"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("^0.0", ">=0.0,<0.1"),
        ("^0", ">=0,<1"),
        ("^2.0b1", ">=2.0b1,<3"),
        ("~1.2.3", ">=1.2.3,<1.3"),
        ("~1", ">=1,<2"),
        ("1.2.3", "==1.2.3"),
        ("1.2.*", "==1.2.*"),
        (">= 1.2, < 2", ">=1.2,<2"),
        ("!=1.5,^1.2", "!=1.5,>=1.2,<2"),
        ("^1 || ^3", "^1||^3"),
        (f"^{'9' * 5000}", f">={'9' * 5000},<1000000000"),
    ],
)
def test_constraint_of_poetry(constraint: str, specifier: str) -> None:
    """Carets, tildes, bare versions and wildcards become specifiers; a union stays as it is."""
    assert poetry_specifier(constraint) == specifier


@pytest.mark.parametrize(
    ("value", "requirements"),
    [
        ("^1", ["x>=1,<2"]),
        ({"version": "*", "extras": ["a", "b"]}, ["x[a,b]"]),
        ({"version": "1", "markers": "os_name == 'nt'"}, ["x==1; os_name == 'nt'"]),
        (
            {"version": "1", "python": ">=3.9,<3.12", "platform": "linux"},
            [
                "x==1; (python_version >= '3.9') and (python_version < '3.12') "
                "and (sys_platform == 'linux')"
            ],
        ),
        ([{"version": "1"}, {"version": "2"}], ["x==1", "x==2"]),
        ({"path": "../x"}, ["x"]),
        (3, ["x"]),
    ],
)
def test_dependency_of_poetry(value: object, requirements: list[str]) -> None:
    """A dependency of Poetry becomes one requirement, or one for each table of a list."""
    assert poetry_requirements("x", value) == requirements


POETRY = f"""
[tool.poetry]
name = "shop"
[tool.poetry.dependencies]
python = "^3.11"
torch = {{ version = "2.3", source = "cpu" }}
mine = {{ path = "mine" }}
black = {{ version = "*", optional = true }}
[tool.poetry.extras]
fmt = ["black"]
[tool.poetry.dev-dependencies]
mypy = "*"
[tool.poetry.group.docs]
optional = true
[tool.poetry.group.docs.dependencies]
sphinx = "7.*"
[[tool.poetry.source]]
name = "cpu"
url = "{CPU}"
priority = "explicit"
[[tool.poetry.source]]
name = "PyPI"
priority = "primary"
"""


def test_project_of_poetry() -> None:
    """Dependencies, extras, groups, sources and indexes of Poetry are read from its tables."""
    words = read_project_file(with_standard_tables(tomllib.loads(POETRY)))
    assert words.keys == {
        "dependencies": ["torch==2.3", "mine"],
        "optional-dependencies": {"fmt": ["black"]},
        "dependency-groups": {"docs": ["sphinx==7.*"], "dev": ["mypy"]},
    }
    assert words.name == "shop"
    assert words.requires_python == ">=3.11,<4"
    assert words.default_groups == ("dev",)
    assert words.sources == {"torch": ({"index": "cpu", "explicit": True},)}
    assert words.elsewhere == {"mine"}
    found = [(it.name, it.url, it.is_default, it.is_explicit) for it in words.indexes]
    assert found == [("cpu", CPU, False, True), ("pypi", PYPI_URL, True, False)]


PDM = f"""
[project]
name = "shop"
dependencies = ["torch"]
[tool.pdm.dev-dependencies]
test = ["pytest"]
[tool.pdm.resolution.overrides]
six = "1.16"
[[tool.pdm.source]]
name = "pypi"
url = "https://pypi.example/simple"
[[tool.pdm.source]]
name = "cpu"
url = "{CPU}"
include_packages = ["torch", "nvidia-*"]
"""


def test_groups_that_poetry_installs() -> None:
    """Poetry installs groups of both kinds of tables, unless their own table says optional."""
    text = """
    [dependency-groups]
    test = ["six"]
    docs = ["six"]
    [tool.poetry.group.docs]
    optional = true
    [tool.poetry.group.lint.dependencies]
    six = "*"
    """
    uv = with_standard_tables(tomllib.loads(text))["tool"]["uv"]
    assert uv["default-groups"] == ["lint", "test"]


def test_project_of_pdm() -> None:
    """Groups, overrides and sources of PDM are read; patterns of projects are left out."""
    words = read_project_file(with_standard_tables(tomllib.loads(PDM)))
    assert words.keys == {
        "dependencies": ["torch"],
        "dependency-groups": {"test": ["pytest"]},
        "overrides": ["six==1.16"],
    }
    assert words.default_groups == ("test",)
    assert words.sources == {"torch": ({"index": "cpu"},)}
    assert [(it.name, it.is_default) for it in words.indexes] == [("pypi", True), ("cpu", False)]


@pytest.mark.parametrize("text", ["[project]\nname = 'x'", "[tool.uv]\n[tool.poetry]\nname = 'x'"])
def test_file_of_uv_is_unchanged(text: str) -> None:
    """A project file with tables of uv, or with standard tables only, is not converted."""
    data = tomllib.loads(text)
    assert with_standard_tables(data) is data


@pytest.mark.parametrize(
    "text",
    [
        "[tool]\npoetry = 1",
        "[tool.poetry]\ndependencies = 1\ngroup = [1]\nsource = [1]\nextras = { a = 1 }",
        "[tool.poetry.dependencies]\nx = 1\ny = [1]\nz = { extras = 1 }",
        "[tool.pdm]\nsource = [1, { name = 1, url = 2, include_packages = 3 }]\nresolution = 1",
    ],
)
def test_values_of_wrong_types_are_ignored(text: str) -> None:
    """A project file whose tables have values of wrong types is read without an error."""
    read_project_file(with_standard_tables(tomllib.loads(text)))
