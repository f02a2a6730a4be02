"""Project files, and the errors of invalid ones."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packaging.utils import canonicalize_name
from packaging.version import Version

from pytest_indexcache.errors import UsageError
from pytest_indexcache.reference.project.project import load_project
from pytest_indexcache.reference.words.packages import PYPI, IndexLocation
from pytest_indexcache.reference.words.sources import select_sources

HEAD = '[project]\nname = "demo"\nversion = "1.0"\n'
OWN = "[tool.indexcache]\n"


def write(folder: Path, text: str) -> Path:
    """Write a project file into a folder."""
    (folder / "pyproject.toml").write_text(text)
    return folder


def test_reads_the_project_table(tmp_path: Path) -> None:
    """Names in a project file are normalised, and included groups are resolved."""
    definition = load_project(
        write(
            tmp_path,
            """
            [project]
            name = "My.Demo"
            version = "1.0"
            requires-python = ">=3.11"
            dependencies = ["torch>=2", "numpy; sys_platform == 'linux'"]
            [project.optional-dependencies]
            Fast_One = ["speedups"]
            [dependency-groups]
            dev = ["pytest", { include-group = "lint" }]
            lint = ["ruff"]
            """,
        )
    )
    assert (definition.name, definition.version) == ("my-demo", Version("1.0"))
    assert str(definition.requires_python) == ">=3.11"
    assert list(map(str, definition.dependencies)) == [
        "torch>=2",
        'numpy; sys_platform == "linux"',
    ]
    assert list(definition.optional_dependencies) == ["fast-one"]
    assert list(map(str, definition.dependency_groups[canonicalize_name("dev")])) == [
        "pytest",
        "ruff",
    ]
    assert definition.package is False
    assert definition.file == tmp_path / "pyproject.toml"


def test_the_default_index_is_there_and_last(tmp_path: Path) -> None:
    """The last index is the default: that of the file, else the caller's, else PyPI."""
    write(tmp_path, HEAD)
    assert load_project(tmp_path).indexes == (IndexLocation("default", PYPI, default=True),)
    extra = IndexLocation("extra", "https://extra.example")
    write(
        tmp_path,
        HEAD
        + """
        [[tool.indexcache.indexes]]
        name = "mirror"
        url = "https://mirror.example/simple"
        default = true
        [[tool.indexcache.indexes]]
        name = "cpu"
        url = "https://cpu.example"
        explicit = true
        cache-control = { pages = "max-age=600", files = "immutable" }
        """,
    )
    definition = load_project(tmp_path, default_index="https://x.example", extra_indexes=[extra])
    assert [index.name for index in definition.indexes] == ["extra", "cpu", "mirror"]
    cpu = definition.indexes[1]
    assert (cpu.explicit, cpu.pages_override, cpu.files_override) == (
        True,
        "max-age=600",
        "immutable",
    )


def test_an_index_may_be_a_folder(tmp_path: Path) -> None:
    """The path of an index is relative to the project's folder, and becomes a file URL."""
    text = HEAD + '[[tool.indexcache.indexes]]\nname = "w"\nurl = "./wheels"\nflat = true\n'
    definition = load_project(write(tmp_path, text))
    assert definition.indexes[0].url == (tmp_path / "wheels").as_uri()


def test_reads_sources_in_both_shapes(tmp_path: Path) -> None:
    """A source can be a table or an array of tables, with paths relative to the project."""
    text = """
    [project.optional-dependencies]
    gpu = []
    [tool.indexcache.sources]
    Torch = [{ index = "default" }, { url = "https://x.example/t.whl", extra = "GPU" }]
    local = { path = "../local", editable = true, marker = "os_name == 'posix'" }
    """
    definition = load_project(write(tmp_path, HEAD + text))
    plain, gpu = definition.sources[canonicalize_name("torch")]
    assert (plain.index, gpu.url, gpu.extra) == ("default", "https://x.example/t.whl", "gpu")
    (local,) = definition.sources[canonicalize_name("local")]
    assert (local.path, local.editable) == (tmp_path.parent / "local", True)


def test_the_narrowest_source_that_applies_is_chosen(tmp_path: Path) -> None:
    """A source for an extra is preferred to one with a marker, and both to a general source."""
    text = """
    [project.optional-dependencies]
    gpu = []
    [tool.indexcache.sources]
    torch = [
      { url = "https://x.example/any.whl" },
      { url = "https://x.example/posix.whl", marker = "os_name == 'posix'" },
      { url = "https://x.example/gpu.whl", extra = "gpu" },
    ]
    """
    sources = load_project(write(tmp_path, HEAD + text)).sources

    def chosen(extras: set[str], os_name: str) -> str | None:
        environment = {"os_name": os_name}
        found = select_sources(sources, extras=extras, groups=(), environment=environment)
        (source,) = found.values()
        return source.url

    assert chosen(set(), "nt") == "https://x.example/any.whl"
    assert chosen(set(), "posix") == "https://x.example/posix.whl"
    assert chosen({"gpu"}, "posix") == "https://x.example/gpu.whl"


def test_a_project_with_a_build_system_is_a_package(tmp_path: Path) -> None:
    """A project with a build system is installed itself, unless its file says otherwise."""
    build = '[build-system]\nrequires = []\nbuild-backend = "b"\n'
    assert load_project(write(tmp_path, HEAD + build)).package is True
    off = f"{OWN}package = false\n"
    assert load_project(write(tmp_path, HEAD + build + off)).package is False


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "project: is missing"),
        ("[project]\n", "project: is missing"),
        ("[project]\nversion = '1'\n", "project.name: is missing"),
        ("[project]\nname = 1\n", "project.name: must be a string, not 1"),
        (f"{HEAD}dependencies = 'x'\n", "project.dependencies: must be an array"),
        (f"{HEAD}dependencies = [1]\n", "project.dependencies: must be an array of strings"),
        (f"{HEAD}dependencies = ['a b']\n", "project.dependencies[0]: 'a b': "),
        (f"{HEAD}dynamic = ['dependencies']\n", "project.dynamic: lists 'dependencies'"),
        ("[project]\nname = 'a'\nversion = 'x'\n", "project.version: Invalid version: 'x'"),
        (f"{HEAD}requires-python = '3'\n", "project.requires-python: Invalid specifier"),
        (f"{HEAD}[dependency-groups]\na = [{{include-group = 'b'}}]\n", "dependency-groups: "),
        (f"{HEAD}{OWN}overides = []\n", "tool.indexcache.overides: is unknown"),
        (f"{HEAD}{OWN}package = 1\n", "tool.indexcache.package: must be true or false, not 1"),
        (f"{HEAD}{OWN}conflicts = [['a']]\n", "tool.indexcache.conflicts[0]: needs at least two"),
        (f"{HEAD}{OWN}conflicts = [['a', 'b']]\n", "names no known extra or group: 'a'"),
        (f"{HEAD}{OWN}sources = {{a = {{}}}}\n", "sources.a: must have exactly one of"),
        (f"{HEAD}{OWN}sources = {{a = 'x'}}\n", "tool.indexcache.sources.a: must be a table"),
        (f"{HEAD}{OWN}sources.a.index = 'no'\n", "sources.a: names no known index: 'no'"),
        (f"{HEAD}{OWN}sources.a = {{path='.', extra='x'}}\n", "names no known extra: 'x'"),
        (f"{HEAD}{OWN}sources.a = {{path='.', marker='?'}}\n", "sources.a.marker: "),
        (f"{HEAD}{OWN}indexes = [{{name = 'x'}}]\n", "indexes[0].url: is missing"),
        (f"{HEAD}{OWN}indexes = [{{url = 'htp://a'}}]\n", "indexes[0].url: 'htp://a' is not the"),
        (
            f"{HEAD}{OWN}indexes = [{{name='x', url='./a'}}, {{name='x', url='./b'}}]\n",
            "tool.indexcache.indexes: has the name 'x' twice",
        ),
        ("[project\n", "cannot be read as TOML"),
    ],
)
def test_mistakes_are_told_with_file_and_key(tmp_path: Path, text: str, problem: str) -> None:
    """Every error in a project file begins with the file and the key path."""
    with pytest.raises(UsageError) as caught:
        load_project(write(tmp_path, text))
    assert caught.value.message.startswith(f"{tmp_path / 'pyproject.toml'}: ")
    assert problem in caught.value.message


def test_a_key_that_is_nearly_right_is_guessed(tmp_path: Path) -> None:
    """The error for an unknown key suggests the most similar known key."""
    with pytest.raises(UsageError) as caught:
        load_project(write(tmp_path, f"{HEAD}{OWN}overides = []\n"))
    assert caught.value.hint == "did you mean 'overrides'?"


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """The error for a missing project file gives a remedy."""
    with pytest.raises(UsageError, match=r"pyproject\.toml: there is no such file"):
        load_project(tmp_path)


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    """A project file that is not UTF-8 is an error."""
    (tmp_path / "pyproject.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="cannot be read as TOML"):
        load_project(tmp_path)


VALUES = st.sampled_from(
    ["1", "true", "'x'", "[]", "['a']", "[['a', 'b']]", "{}", "{a = 1}", "[{}]", "[1]", "['==']"]
)
KEYS = st.sampled_from(
    [
        "project.name",
        "project.dependencies",
        "project.optional-dependencies",
        "dependency-groups",
        "dependency-groups.a",
        "tool",
        "tool.indexcache",
        "tool.indexcache.indexes",
        "tool.indexcache.sources",
        "tool.indexcache.sources.a",
        "tool.indexcache.overrides",
        "tool.indexcache.conflicts",
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=KEYS, value=VALUES)
def test_any_value_is_read_or_refused(tmp_path: Path, key: str, value: str) -> None:
    """A value of the wrong type at any key raises no other error than UsageError."""
    head = "" if key.startswith("project.name") else "project.name = 'demo'\n"
    with suppress(UsageError):
        load_project(write(tmp_path, f"{head}{key} = {value}\n"))
