"""The project at a step, after the edits of earlier steps."""

from __future__ import annotations

from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.model.edits import edited, with_added, with_removed
from pytest_indexcache.scenario.tables.steps import Add, Edit, Remove


def made() -> Scenario:
    """Return a scenario whose project has one dependency and one extra."""
    project = {"dependencies": ["numpy>=1"], "optional-dependencies": {"gpu": ["torch"]}}
    return Scenario.model_validate(
        {"title": "t", "project": project, "steps": [{"do": "sync"}], "files": {"a": "1"}}
    )


def test_edit_changes_only_the_keys_that_it_names() -> None:
    """An edit changes only the keys of the project that it names."""
    step = Edit.model_validate({"do": "edit", "project": {"version": "2"}, "files": {"b": "2"}})
    scenario = edited(made(), step)
    assert scenario.project.version == "2"
    assert scenario.project.dependencies == ("numpy>=1",)
    assert scenario.files == {"a": "1", "b": "2"}
    assert scenario.sources == {}


def test_edit_replaces_the_sources_whole() -> None:
    """The sources in an edit replace all earlier sources."""
    step = Edit.model_validate({"do": "edit", "sources": {"numpy": {"path": "np"}}})
    assert edited(made(), step).sources["numpy"][0].path == "np"


def test_added_requirement_replaces_the_one_on_the_same_project() -> None:
    """Adding a project again replaces its requirement instead of adding another."""
    step = Add.model_validate({"do": "add", "requirements": ["NumPy==2", "rich"], "index": "x"})
    scenario = with_added(made(), step)
    assert scenario.project.dependencies == ("NumPy==2", "rich")
    assert scenario.sources["rich"][0].index == "x"


def test_added_to_an_extra_and_to_a_group() -> None:
    """With ``optional`` or ``group``, a requirement is added to an extra or a group."""
    extra = Add.model_validate({"do": "add", "requirements": ["triton"], "optional": "gpu"})
    assert with_added(made(), extra).project.optional_dependencies["gpu"] == ("torch", "triton")
    group = Add.model_validate({"do": "add", "requirements": ["pytest"], "group": "dev"})
    assert with_added(made(), group).project.dependency_groups == {"dev": ("pytest",)}


def test_removed_requirement_is_gone_from_where_it_stood() -> None:
    """Removing a requirement removes it from the dependencies or from an extra."""
    step = Remove.model_validate({"do": "remove", "projects": ["NumPy"]})
    assert with_removed(made(), step).project.dependencies == ()
    step = Remove.model_validate({"do": "remove", "projects": ["torch"], "optional": "gpu"})
    scenario = with_removed(made(), step)
    assert scenario.project.optional_dependencies == {"gpu": ()}
    assert scenario.project.dependencies == ("numpy>=1",)
