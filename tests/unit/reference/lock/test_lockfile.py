"""Lockfiles: how they are written, read, and found to be out of date."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.pylock import Pylock

from pytest_indexcache.errors import LockfileError, UsageError
from pytest_indexcache.reference.lock.lockfile import Lockfile, read_lock, write_lock
from pytest_indexcache.reference.project.project import load_project
from pytest_indexcache.reference.words.selection import Selection
from pytest_indexcache.system.pythons.target import Target
from pytest_indexcache.system.venvs.origins import Origin

from ..world import World

PROJECT = """
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.11"
dependencies = ["app"]
[project.optional-dependencies]
fast = ["speedups"]
[dependency-groups]
dev = ["pytest>=8", {include-group = "lint"}]
lint = ["ruff"]
"""


def publish(world: World) -> None:
    """Publish the packages that the project needs."""
    world.client.add("app", "1.0", ["base"])
    for name in ("base", "speedups", "ruff"):
        world.client.add(name, "1.0")
    world.client.add("pytest", "8.0", ["base"])


def locked(world: World, text: str = PROJECT) -> Lockfile:
    """Lock a project, write the lock, and read it again."""
    lock = world.lock(world.project(text))
    write_lock(world.folder / "pylock.toml", lock)
    found = read_lock(world.folder / "pylock.toml")
    assert found == lock
    return lock


def test_extras_and_groups_select_their_packages(world: World) -> None:
    """The dependencies of selected extras and groups are added to those of the project."""
    publish(world)
    lock = locked(world)
    base = {"app": "1.0", "base": "1.0"}
    assert world.select(lock) == base
    assert world.select(lock, "fast") == {**base, "speedups": "1.0"}
    assert world.select(lock, groups=["lint"]) == {**base, "ruff": "1.0"}
    assert world.select(lock, groups=["dev"]) == {**base, "ruff": "1.0", "pytest": "8.0"}


def test_writes_what_pep_751_asks_for(world: World) -> None:
    """A lockfile lists the names, versions, indexes, URLs, hashes and markers as in PEP 751."""
    publish(world)
    locked(world)
    data = tomllib.loads((world.folder / "pylock.toml").read_text())
    assert data["lock-version"] == "1.0"
    assert data["created-by"] == "pytest-indexcache"
    assert data["requires-python"] == ">=3.11"
    assert data["extras"] == ["fast"]
    assert data["dependency-groups"] == ["dev", "lint"]
    assert [it["name"] for it in data["packages"]] == ["app", "base", "pytest", "ruff", "speedups"]
    app = data["packages"][0]
    url = "https://pypi.org/simple/files/app-1.0-py3-none-any.whl"
    assert app["index"] == "https://pypi.org/simple"
    assert app["dependencies"] == [{"name": "base"}]
    assert app["wheels"][0]["url"] == url
    assert app["wheels"][0]["name"] == "app-1.0-py3-none-any.whl"
    assert list(app["wheels"][0]["hashes"]) == ["sha256"]
    assert (
        data["packages"][3]["marker"] == '"dev" in dependency_groups or "lint" in dependency_groups'
    )
    Pylock.from_dict(data).validate()


def test_the_same_lock_is_the_same_bytes(world: World) -> None:
    """Locking an unchanged project again does not rewrite the lockfile."""
    publish(world)
    definition = world.project(PROJECT)
    path = world.folder / "pylock.toml"
    write_lock(path, world.lock(definition))
    first, text = path.stat(), path.read_bytes()
    write_lock(path, world.lock(definition))
    assert path.read_bytes() == text
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (first.st_ino, first.st_mtime_ns)


def test_is_current_until_an_input_changes(world: World) -> None:
    """A change of dependencies, sources, indexes or conflicts makes a lockfile out of date."""
    publish(world)
    definition = world.project(PROJECT)
    lock = world.lock(definition)
    assert lock.is_current(definition, world.target)
    assert lock.is_current(world.project(PROJECT + "# a comment"), world.target)
    changed = world.project(PROJECT.replace('"app"', '"app>=1"'))
    assert not lock.is_current(changed, world.target)
    world.project(PROJECT)
    elsewhere = load_project(world.folder, default_index="https://other.example")
    assert not lock.is_current(elsewhere, world.target)
    index = replace(definition.indexes[0], pages_override="max-age=1")
    assert lock.is_current(replace(definition, indexes=(index,)), world.target)
    index = replace(index, url="https://user:secret@pypi.org/simple/")
    assert lock.is_current(replace(definition, indexes=(index,)), world.target)


def test_is_not_current_for_another_python(world: World) -> None:
    """A lockfile is out of date for a Python other than the one for which it was made."""
    publish(world)
    definition = world.project(PROJECT)
    lock = world.lock(definition)
    other = Target({**world.target.markers, "python_version": "3.13"}, world.target.tags)
    assert not lock.is_current(definition, other)
    with pytest.raises(LockfileError, match="does not satisfy any of the environments"):
        lock.select(target=other, indexes=definition.indexes)


def test_is_not_current_when_a_local_project_changes(world: World) -> None:
    """A lockfile is out of date if the pyproject.toml of a path source changes."""
    file = world.folder / "local" / "pyproject.toml"
    file.parent.mkdir()
    file.write_text('[project]\nname = "local"\nversion = "1.0"\n')
    definition = world.project(
        '[project]\nname = "demo"\nversion = "1.0"\ndependencies = ["local"]\n'
        '[tool.indexcache.sources]\nlocal = { path = "local" }\n'
    )
    lock = world.lock(definition)
    assert lock.is_current(definition, world.target)
    file.write_text('[project]\nname = "local"\nversion = "2.0"\n')
    assert not lock.is_current(definition, world.target)


def test_keeps_versions_unless_they_are_to_be_upgraded(world: World) -> None:
    """Locking again prefers the locked versions, except for projects to upgrade."""
    publish(world)
    lock = locked(world)
    world.client.add("base", "2.0")
    world.client.add("app", "2.0", ["base"])
    definition = world.project(PROJECT)
    again = world.lock(definition, preferences=lock.preferences())
    assert world.select(again) == {"app": "1.0", "base": "1.0"}
    upgrade = Selection.of(["base"])
    upgraded = world.lock(definition, preferences=lock.preferences(upgrade))
    assert world.select(upgraded) == {"app": "1.0", "base": "2.0"}


def test_writes_folders_relative_and_reads_them_absolute(world: World) -> None:
    """Source folders and the project itself are written as relative paths."""
    for name in ("one", "two"):
        (world.folder / name).mkdir()
        text = f'[project]\nname = "{name}"\nversion = "1.0"\n'
        (world.folder / name / "pyproject.toml").write_text(text)
    definition = world.project(
        """
        [project]
        name = "demo"
        version = "1.0"
        dependencies = ["one", "two"]
        [tool.indexcache]
        package = true
        [tool.indexcache.sources]
        one = { path = "one", editable = true }
        two = { path = "two" }
        """
    )
    lock = world.lock(definition)
    directories = {it.name: it.directory for it in lock.pylock.packages}
    assert {name: it and it.path for name, it in directories.items()} == {
        "demo": ".",
        "one": "one",
        "two": "two",
    }
    pins = lock.select(target=world.target, indexes=definition.indexes)
    assert [(pin.name, pin.origin, pin.file) for pin in pins] == [
        ("demo", Origin("editable", str(world.folder)), None),
        ("one", Origin("editable", str(world.folder / "one")), None),
        ("two", Origin("path", str(world.folder / "two")), None),
    ]


def test_locks_a_wheel_by_url_with_its_hash(world: World) -> None:
    """A wheel at a URL without a hash is downloaded once, and is locked with its hash."""
    world.client.add("app", "1.0", hashed=False, announced=False)
    url = "https://pypi.org/simple/files/app-1.0-py3-none-any.whl"
    definition = world.project(
        f'[project]\nname = "demo"\nversion = "1.0"\ndependencies = ["app @ {url}"]\n'
    )
    (pin,) = world.lock(definition).select(target=world.target, indexes=definition.indexes)
    assert pin.origin == Origin("url", url)
    assert pin.file is not None
    assert list(pin.file.hashes) == ["sha256"]
    assert (pin.file.filename, pin.file.url) == ("app-1.0-py3-none-any.whl", url)


def test_leaves_credentials_out_and_puts_the_index_back(world: World) -> None:
    """A lockfile contains no passwords; when it is read, they come from the project's indexes."""
    index = "https://user:secret@private.example/simple"
    world.client.add("app", "1.0", index=index)
    definition = world.project(
        '[project]\nname = "demo"\nversion = "1.0"\ndependencies = ["app"]\n'
        f'[[tool.indexcache.indexes]]\nname = "private"\nurl = "{index}"\n'
    )
    lock = world.lock(definition)
    path = world.folder / "pylock.toml"
    write_lock(path, lock)
    assert "secret" not in path.read_text()
    (pin,) = lock.select(target=world.target, indexes=definition.indexes)
    assert pin.origin == Origin("index", "https://private.example/simple")
    assert pin.file is not None
    assert pin.file.index == definition.indexes[0]


def test_refuses_unknown_extras_and_groups(world: World) -> None:
    """The error for an unknown extra or group lists the known ones."""
    publish(world)
    lock = locked(world)
    with pytest.raises(UsageError, match="no extra 'slow'") as caught:
        world.select(lock, "slow")
    assert caught.value.hint == "it has fast"
    with pytest.raises(UsageError, match="no group 'docs'"):
        world.select(lock, groups=["docs"])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("lock-version = ", "cannot be read as TOML"),
        (
            'lock-version = "1.0"\n',
            "not a valid pylock.toml: Missing required value in 'created-by'",
        ),
        ('lock-version = "9.0"\ncreated-by = "x"\npackages = []\n', "9.0 is not supported"),
        ("\xff\xfe", "cannot be read as TOML"),
    ],
)
def test_refuses_what_is_no_lockfile(tmp_path: Path, text: str, problem: str) -> None:
    """The error for an invalid lockfile names the problem."""
    path = tmp_path / "pylock.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(LockfileError, match=problem):
        read_lock(path)


def test_there_may_be_no_lockfile(tmp_path: Path) -> None:
    """A missing lockfile is not an error."""
    assert read_lock(tmp_path / "pylock.toml") is None


def test_reads_a_lockfile_of_another_installer(tmp_path: Path, world: World) -> None:
    """Packages can be selected from a lockfile of another installer (PEP 751)."""
    path = tmp_path / "pylock.toml"
    path.write_text(
        """
        lock-version = "1.0"
        created-by = "another"
        [[packages]]
        name = "app"
        version = "1.0"
        [[packages.wheels]]
        url = "https://files.example/app-1.0-py3-none-any.whl"
        hashes = { sha256 = "00" }
        """
    )
    lock = read_lock(path)
    assert lock is not None
    assert world.select(lock) == {"app": "1.0"}
    assert not lock.is_current(world.project(PROJECT), world.target)
