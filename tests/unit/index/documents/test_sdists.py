"""Generated sdists and local projects as files; end-to-end tests build them."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys
import tarfile
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.utils import parse_sdist_filename

from pytest_indexcache.index.documents.contents import read
from pytest_indexcache.index.documents.sdists import (
    BuiltWheel,
    SdistSpec,
    build_sdist,
    project_files,
    write_local_project,
)
from pytest_indexcache.scenario.tables.project import LocalProject

SPEC = SdistSpec(
    "Foo.Bar",
    "1.0+x",
    requires=("six>=1",),
    extras=(("fast", ("cython",)),),
    requires_python=">=3.8",
    build="pypi",
)


def test_equal_specifications_give_equal_bytes() -> None:
    """Equal specifications give equal bytes, and another build marker changes them."""
    other = replace(SPEC, build="mirror")
    assert read(build_sdist(SPEC).content) == read(build_sdist(replace(SPEC)).content)
    assert build_sdist(other).filename == build_sdist(SPEC).filename
    assert build_sdist(other).digests.sha256 != build_sdist(SPEC).digests.sha256


def test_not_a_zip_is_no_archive() -> None:
    """A file with the damage ``not-a-zip`` is not an archive."""
    junk = build_sdist(SdistSpec("foo", "1.0", damage="not-a-zip", build="pypi"))
    assert read(junk.content) == b"This is not a gzip file, but build 'pypi' of foo-1.0.\n"


def test_archive_opens_and_holds_what_a_build_needs() -> None:
    """An sdist can be opened, and contains metadata, project file, backend and module."""
    sdist = build_sdist(SPEC)
    with tarfile.open(fileobj=io.BytesIO(read(sdist.content)), mode="r:gz") as archive:
        assert archive.getnames() == [
            "foo_bar-1.0+x/PKG-INFO",
            "foo_bar-1.0+x/pyproject.toml",
            "foo_bar-1.0+x/backend/METADATA",
            "foo_bar-1.0+x/backend/in_tree_backend.py",
            "foo_bar-1.0+x/foo_bar.py",
        ]
        member = archive.extractfile("foo_bar-1.0+x/PKG-INFO")
        assert member is not None
        assert member.read() == sdist.metadata


def test_file_name_is_what_packaging_reads() -> None:
    """The library packaging parses name and version from the filename (PEP 625)."""
    name, version = parse_sdist_filename(SPEC.filename)
    assert (name, str(version)) == ("foo-bar", "1.0+x")


def test_project_file_says_what_the_metadata_says() -> None:
    """The project file agrees with the metadata, because installers may read either."""
    data = tomllib.loads(project_files(SPEC)["pyproject.toml"].decode())
    assert data["project"] == {
        "name": "Foo.Bar",
        "version": "1.0+x",
        "requires-python": ">=3.8",
        "dependencies": ["six>=1"],
        "optional-dependencies": {"fast": ["cython"]},
    }
    assert data["build-system"]["requires"] == []


def test_a_wheel_may_be_for_the_python_that_builds_it(tmp_path: Path) -> None:
    """The backend can write the version of its own Python into the wheel's tag."""
    for name, data in project_files(SPEC, BuiltWheel(own_python=True)).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    hook = f"import in_tree_backend; print(in_tree_backend.build_wheel({str(tmp_path)!r}))"
    command = [sys.executable, "-c", hook]
    path = {"PYTHONPATH": str(tmp_path / "backend")}
    printed = subprocess.check_output(command, cwd=tmp_path, env=path, text=True)
    major, minor = sys.version_info[:2]
    assert printed.strip() == f"foo_bar-1.0+x-cp{major}{minor}-none-any.whl"


def test_padding_is_in_the_archive() -> None:
    """In an sdist, padding longer than one deflate block is a normal member."""
    sdist = build_sdist(SdistSpec("a", "1", padding=200_000))
    data = read(sdist.content)
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        assert archive.getmember("a-1/padding").size == 200_000
    assert len(data) == sdist.content.length


def test_bad_crc_is_found_at_the_end_of_the_archive() -> None:
    """With the damage ``bad-crc``, the checksum of the gzip file does not match."""
    data = read(build_sdist(SdistSpec("a", "1", damage="bad-crc")).content)
    with pytest.raises(gzip.BadGzipFile, match="CRC check failed"):
        gzip.decompress(data)


def test_an_sdist_has_no_record_to_be_short() -> None:
    """A damage that is only possible for a wheel is refused for an sdist."""
    with pytest.raises(ValueError, match="no RECORD"):
        SdistSpec("a", "1", damage="short-record")


def test_local_project_has_its_path_as_its_build(tmp_path: Path) -> None:
    """The build marker of a local project is its path, unless another marker is given."""
    write_local_project(tmp_path, "my-lib", LocalProject(path="libs/my", version="2"))
    assert (tmp_path / "my_lib.py").read_text() == "__version__ = '2'\n__build__ = 'libs/my'\n"
    write_local_project(tmp_path, "my-lib", LocalProject(path="libs/my", version="2", build="b"))
    assert "__build__ = 'b'" in (tmp_path / "my_lib.py").read_text()


def test_local_project_is_rewritten_where_it_differs(tmp_path: Path) -> None:
    """Files of a local project with the right contents keep their modification times."""
    write_local_project(tmp_path, "a", LocalProject(path="a"))
    for path in tmp_path.rglob("*.*"):
        os.utime(path, (1, 1))
    write_local_project(tmp_path, "a", LocalProject(path="a", attributes={"x": 1}))
    changed = {path.name for path in tmp_path.rglob("*.*") if path.stat().st_mtime > 1}
    assert changed == {"a.py"}
    write_local_project(tmp_path, "a", LocalProject(path="a", version="2"))
    assert (tmp_path / "pyproject.toml").stat().st_mtime > 1


def test_local_project_loses_modules_that_it_has_no_more(tmp_path: Path) -> None:
    """If a module becomes a package, or the reverse, the old files are removed."""
    (tmp_path / "notes.py").write_text("mine = True\n")
    write_local_project(tmp_path, "a", LocalProject(path="a", attributes={"b.c": 1}))
    assert (tmp_path / "a/__init__.py").is_file()
    write_local_project(tmp_path, "a", LocalProject(path="a"))
    assert {path.name for path in tmp_path.rglob("*.py")} == {
        "a.py",
        "in_tree_backend.py",
        "notes.py",
    }
    write_local_project(tmp_path, "a", LocalProject(path="a", attributes={"b.c": 1}))
    assert not (tmp_path / "a.py").exists()


def test_build_requirements_are_in_the_project_file() -> None:
    """An sdist declares the build requirements of its specification, and none by default."""
    requires = ("setuptools>=61", "wheel")
    for built, expected in ((BuiltWheel(requires=requires), list(requires)), (BuiltWheel(), [])):
        files = project_files(SdistSpec("six", "1.0", built=built), built)
        system = tomllib.loads(files["pyproject.toml"].decode())["build-system"]
        assert system["requires"] == expected
