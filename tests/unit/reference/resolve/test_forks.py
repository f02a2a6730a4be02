"""Locks of projects whose extras and groups exclude each other."""

from __future__ import annotations

import pytest

from pytest_indexcache.errors import UnsatisfiableError, UsageError
from pytest_indexcache.reference.resolve.forks import fork_project

from ..world import World

HEAD = """
[project]
name = "demo"
version = "1.0"
"""


def forks_of(world: World, text: str) -> list[set[str]]:
    """Return the extras and groups that each fork of a project selects."""
    return [set(fork.selected) for fork in fork_project(world.project(HEAD + text)).forks]


def test_a_project_without_conflicts_has_one_fork(world: World) -> None:
    """A project without conflicts has a single fork, with all extras and groups."""
    text = """
    [project.optional-dependencies]
    a = []
    b = []
    [dependency-groups]
    dev = []
    """
    assert forks_of(world, text) == [{"a", "b", "group:dev"}]


def test_each_member_of_a_conflict_has_a_fork_and_so_has_none(world: World) -> None:
    """A conflict creates a fork for each member, and a fork without any member."""
    text = """
    [project.optional-dependencies]
    a = []
    b = []
    c = []
    [tool.indexcache]
    conflicts = [["a", "b"]]
    """
    assert forks_of(world, text) == [{"c"}, {"c", "a"}, {"c", "b"}]


def test_conflicts_that_share_a_member_are_forked_together(world: World) -> None:
    """If extra a excludes b, and b excludes c, then a and c are in the same fork."""
    text = """
    [project.optional-dependencies]
    a = []
    b = []
    [dependency-groups]
    c = []
    [tool.indexcache]
    conflicts = [["a", "b"], ["b", "group:c"]]
    """
    found = forks_of(world, text)
    assert found == [set(), {"a"}, {"b"}, {"group:c"}, {"a", "group:c"}]


def test_an_extra_that_includes_a_conflicting_one_excludes_the_same(world: World) -> None:
    """An extra that includes another extra also has the conflicts of that extra."""
    text = """
    [project.optional-dependencies]
    cpu = []
    gpu = []
    all = ["demo[cpu]"]
    [tool.indexcache]
    conflicts = [["cpu", "gpu"]]
    """
    assert forks_of(world, text) == [set(), {"all"}, {"cpu"}, {"gpu"}, {"all", "cpu"}]


def test_a_source_for_an_extra_makes_a_fork_without_it(world: World) -> None:
    """A source for an extra creates a fork with the extra, and a fork without it."""
    world.client.add("torch", "2.0")
    world.client.add("torch", "2.0+cpu", index="https://cpu.example")
    definition = world.project(
        """
        [project]
        name = "demo"
        version = "1.0"
        dependencies = ["torch"]
        [project.optional-dependencies]
        cpu = []
        [tool.indexcache.sources]
        torch = { index = "cpu", extra = "cpu" }
        [[tool.indexcache.indexes]]
        name = "cpu"
        url = "https://cpu.example"
        explicit = true
        """
    )
    lock = world.lock(definition)
    assert world.select(lock) == {"torch": "2.0"}
    assert world.select(lock, "cpu") == {"torch": "2.0+cpu"}


def test_a_source_for_an_extra_counts_where_another_includes_it(world: World) -> None:
    """A source for an extra also applies if another extra includes that extra."""
    world.client.add("torch", "2.0")
    world.client.add("torch", "2.0+cpu", index="https://cpu.example")
    definition = world.project(
        """
        [project]
        name = "demo"
        version = "1.0"
        [project.optional-dependencies]
        cpu = ["torch"]
        all = ["demo[cpu]"]
        plain = ["torch"]
        [tool.indexcache.sources]
        torch = { index = "cpu", extra = "cpu" }
        [[tool.indexcache.indexes]]
        name = "cpu"
        url = "https://cpu.example"
        explicit = true
        """
    )
    lock = world.lock(definition)
    assert world.select(lock, "all") == {"torch": "2.0+cpu"}
    assert world.select(lock, "all", "plain") == {"torch": "2.0+cpu"}
    assert world.select(lock, "plain") == {"torch": "2.0"}
    assert world.select(lock) == {}


def test_extras_that_exclude_each_other_hold_nothing_back(world: World) -> None:
    """An extra can lock a newer version than a conflicting extra, even in an existing lock."""
    world.client.add("base", "1.0")
    world.client.add("base", "2.0")
    definition = world.project(
        """
        [project]
        name = "demo"
        version = "1.0"
        [project.optional-dependencies]
        a = ["base<2"]
        b = ["base"]
        [tool.indexcache]
        conflicts = [["a", "b"]]
        """
    )
    lock = world.lock(definition)
    world.client.add("base", "3.0")
    for it in (lock, world.lock(definition, preferences=lock.preferences())):
        assert world.select(it, "a") == {"base": "1.0"}
        assert world.select(it, "b") == {"base": "2.0"}


def test_too_many_combinations_are_refused(world: World) -> None:
    """Conflicts with too many combinations of extras, such as 531,441, are refused."""
    extras = [f"x{number}" for number in range(24)]
    pairs = [[one, other] for one, other in zip(extras[::2], extras[1::2], strict=True)]
    lines = "\n".join(f"{name} = []" for name in extras)
    text = f"[project.optional-dependencies]\n{lines}\n[tool.indexcache]\nconflicts = {pairs}"
    with pytest.raises(UsageError, match="more than 256 combinations of extras"):
        forks_of(world, text)


def test_versions_that_differ_have_opposite_markers(world: World) -> None:
    """Two locked versions of a package have markers that exclude each other."""
    world.client.add("base", "1.0")
    world.client.add("base", "2.0")
    definition = world.project(
        """
        [project]
        name = "demo"
        version = "1.0"
        dependencies = ["base"]
        [project.optional-dependencies]
        old = ["base<2"]
        new = []
        free = ["base"]
        [tool.indexcache]
        conflicts = [["old", "new"]]
        """
    )
    lock = world.lock(definition)
    assert world.select(lock) == {"base": "2.0"}
    assert world.select(lock, "new", "free") == {"base": "2.0"}
    assert world.select(lock, "old") == {"base": "1.0"}
    assert [str(it.marker) for it in lock.pylock.packages] == [
        '"old" in extras',
        '"old" not in extras',
    ]


def test_groups_may_exclude_extras(world: World) -> None:
    """A group and an extra that conflict can lock different versions of a project."""
    world.client.add("base", "1.0")
    world.client.add("base", "2.0")
    definition = world.project(
        """
        [project]
        name = "demo"
        version = "1.0"
        [project.optional-dependencies]
        new = ["base>=2"]
        [dependency-groups]
        old = ["base<2"]
        [tool.indexcache]
        conflicts = [["new", "group:old"]]
        """
    )
    lock = world.lock(definition)
    assert world.select(lock) == {}
    assert world.select(lock, groups=["old"]) == {"base": "1.0"}
    assert world.select(lock, "new") == {"base": "2.0"}
    with pytest.raises(UsageError, match="group:old and new exclude each other"):
        world.select(lock, "new", groups=["old"])


def test_extras_that_cannot_go_together_are_named(world: World) -> None:
    """If extras conflict without being declared as conflicting, the error names them."""
    world.client.add("base", "1.0")
    world.client.add("base", "2.0")
    definition = world.project(
        """
        [project]
        name = "demo"
        version = "1.0"
        [project.optional-dependencies]
        new = ["base>=2"]
        old = ["base<2"]
        """
    )
    with pytest.raises(UnsatisfiableError) as caught:
        world.lock(definition)
    assert "demo[new] 1.0 requires base>=2" in str(caught.value)
    assert "demo[old] 1.0 requires base<2" in str(caught.value)
    assert "conflicts" in caught.value.hint


def test_two_sources_at_once_are_refused(world: World) -> None:
    """Extras with different sources for one project are refused, unless declared as conflicting."""
    definition = world.project(
        """
        [project]
        name = "demo"
        version = "1.0"
        [project.optional-dependencies]
        a = ["base"]
        b = ["base"]
        [tool.indexcache.sources]
        base = [{ index = "one", extra = "a" }, { index = "two", extra = "b" }]
        [[tool.indexcache.indexes]]
        name = "one"
        url = "https://one.example"
        [[tool.indexcache.indexes]]
        name = "two"
        url = "https://two.example"
        """
    )
    with pytest.raises(UsageError, match=r"base has several sources at once: one \(a\) and two"):
        world.lock(definition)
