"""The requirements in a project file."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.run.plays.goals.declared_project import DeclaredProject

ENRICHED = """
[project]
name = "project"
version = "0.1.0"
dependencies = ["six"]
[project.optional-dependencies]
a = ["IDNA>=3"]
[tool.poetry.dependencies]
idna = { source = "other" }
six = { source = "other" }
"""
"""The project file that ``poetry add --source other --optional a idna`` of Poetry 2.1.3 writes."""


@pytest.mark.parametrize(("extras", "names"), [((), {"six"}), (("a",), {"six", "IDNA"})])
def test_poetrys_entry_for_a_project_of_an_extra_requires_nothing_by_itself(
    extras: tuple[str, ...], names: set[str], tmp_path: Path
) -> None:
    """A poetry entry for a project of an extra is required only if the extra is selected."""
    (tmp_path / "pyproject.toml").write_text(ENRICHED)
    found = DeclaredProject(tmp_path).requirements(extras, ())
    assert {requirement.name for requirement in found} == names


IGNORED = """
[project]
name = "p"
version = "1"
dependencies = ["six"]
[tool.poetry.dependencies]
python = "^3.11"
six = "*"
lib = { path = "lib" }
"""


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (IGNORED, {"six"}),
        (IGNORED.replace('["six"]', '["six"]\ndynamic = ["dependencies"]'), {"six", "lib"}),
        (IGNORED.replace('["six"]', "[]"), {"six", "lib"}),
    ],
)
def test_poetrys_entries_beside_standard_requirements(
    text: str, names: set[str], tmp_path: Path
) -> None:
    """Poetry 2 ignores a project of its table that ``[project]`` does not require."""
    (tmp_path / "pyproject.toml").write_text(text)
    found = DeclaredProject(tmp_path).requirements((), ())
    assert {requirement.name for requirement in found} == names
