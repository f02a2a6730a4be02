"""Core metadata of sdists and source folders."""

from __future__ import annotations

import io
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.version import Version

from pytest_indexcache.errors import (
    InvalidDistributionError,
    UsageError,
)
from pytest_indexcache.reference.resolve.core_metadata import read_wheel_metadata
from pytest_indexcache.reference.resolve.metadata import MetadataReader
from pytest_indexcache.reference.words.packages import IndexLocation, RemoteFile

from ..world import World
from .apps import APP, WHEEL, names


def sdist(path: Path, pkg_info: str) -> None:
    """Write an sdist with PKG-INFO at its root, and another PKG-INFO in a subfolder."""
    with tarfile.open(path, "w:gz") as archive:
        for name, text in (("app-1.0/app.egg-info/PKG-INFO", "x"), ("app-1.0/PKG-INFO", pkg_info)):
            info = tarfile.TarInfo(name)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))


def sdist_reader(world: World, pkg_info: str) -> tuple[MetadataReader, RemoteFile, list[Path]]:
    """Return a metadata reader for an sdist, and the list of its builds."""
    path = world.folder / "app-1.0.tar.gz"
    sdist(path, pkg_info)
    builds: list[Path] = []

    def build(source: Path) -> Path:
        builds.append(source)
        metadata = world.folder / "METADATA"
        metadata.write_text("Name: app\nVersion: 1.0\nRequires-Dist: built\n")
        return metadata

    reader = MetadataReader(world.client, world.records, fetch=lambda _: path, build=build)
    file = RemoteFile(path.name, f"https://x.example/{path.name}", APP, Version("1.0"))
    return reader, file, builds


STATIC = "Metadata-Version: 2.2\nName: app\nVersion: 1.0\nRequires-Dist: static\n"


def test_believes_a_static_pkg_info(world: World) -> None:
    """From version 2.2 on, static metadata of an sdist is used without a build (PEP 643)."""
    reader, file, builds = sdist_reader(world, STATIC)
    assert names(reader.read_file(file).dependencies) == ["static"]
    assert builds == []


@pytest.mark.parametrize(
    "pkg_info",
    [
        "Metadata-Version: 2.1\nName: app\nVersion: 1.0\nRequires-Dist: static\n",
        "Metadata-Version: 2.2\nName: app\nVersion: 1.0\nDynamic: requires-dist\n",
    ],
)
def test_asks_the_build_backend_where_it_has_to(world: World, pkg_info: str) -> None:
    """An sdist with older or dynamic metadata is built once, and the metadata is recorded."""
    reader, file, builds = sdist_reader(world, pkg_info)
    assert names(reader.read_file(file).dependencies) == ["built"]
    assert builds == [world.folder / "app-1.0.tar.gz"]
    assert list(world.records.metadata) == [f"no index {file.url}"]


def test_a_broken_sdist_is_named(world: World) -> None:
    """The error for a truncated sdist names the file."""
    reader, file, _ = sdist_reader(world, "")
    (world.folder / file.filename).write_bytes(b"\x1f\x8b cut")
    with pytest.raises(InvalidDistributionError, match=r"app-1\.0\.tar\.gz is a broken sdist"):
        reader.read_file(file)


def test_reads_a_static_folder_without_building(world: World) -> None:
    """The requirements in a static [project] table of a folder are read without a build."""
    (world.folder / "pyproject.toml").write_text(
        '[project]\nname = "App"\nversion = "1.0"\nrequires-python = ">=3.8"\n'
        'dependencies = ["base"]\n[project.optional-dependencies]\n'
        "Fast_One = [\"speedups; sys_platform == 'linux' or os_name == 'nt'\"]\n"
    )
    found = world.metadata().read_folder(world.folder)
    assert (found.name, found.version, found.requires_python) == (APP, Version("1.0"), ">=3.8")
    assert names(found.dependencies) == [
        "base",
        'speedups; (sys_platform == "linux" or os_name == "nt") and extra == "fast-one"',
    ]
    assert found.extras == {"fast-one"}


@pytest.mark.parametrize(
    "project",
    [
        '[project]\nname = "app"\ndynamic = ["version"]\n',
        '[project]\nname = "app"\nversion = "1.0"\ndynamic = ["dependencies"]\n',
        '[build-system]\nrequires = ["setuptools"]\n',
    ],
)
def test_asks_the_backend_of_a_dynamic_folder(world: World, project: str) -> None:
    """A folder is built if its metadata is dynamic, or if it has no [project] table."""
    (world.folder / "pyproject.toml").write_text(project)
    metadata = world.folder / "METADATA"
    metadata.write_text("Name: app\nVersion: 7\n")
    reader = MetadataReader(
        world.client, world.records, fetch=world.client.fetch, build=lambda _: metadata
    )
    assert reader.read_folder(world.folder).version == Version("7")


def test_an_empty_folder_holds_no_project(world: World) -> None:
    """A folder with neither pyproject.toml nor setup.py is an error."""
    with pytest.raises(UsageError, match="there is no project in"):
        world.metadata().read_folder(world.folder)


@pytest.mark.parametrize(
    "keys", ['version = "x"', 'version = "1"\ndynamic = 5', 'version = "1"\ndynamic = [["x"]]']
)
def test_a_wrong_project_table_is_named(world: World, keys: str) -> None:
    """If a [project] table has a wrong value, the error names the file."""
    (world.folder / "pyproject.toml").write_text(f'[project]\nname = "app"\n{keys}\n')
    with pytest.raises(InvalidDistributionError, match=r"pyproject\.toml: \[project\] is invalid"):
        world.metadata().read_folder(world.folder)


def test_metadata_that_unpacks_to_very_much_is_refused(tmp_path: Path, world: World) -> None:
    """Metadata of more than 16 MiB is refused, both in a wheel and in an sdist."""
    large = "Name: app\nVersion: 1.0\n\n" + "x" * (16 << 20)
    with zipfile.ZipFile(tmp_path / WHEEL, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("app-1.0.dist-info/METADATA", large)
    with pytest.raises(InvalidDistributionError, match="core metadata is larger than 16 MiB"):
        read_wheel_metadata(tmp_path / WHEEL, WHEEL)
    reader, file, _ = sdist_reader(world, large)
    with pytest.raises(InvalidDistributionError, match="core metadata is larger than 16 MiB"):
        reader.read_file(file)


def test_a_record_names_no_credentials(world: World) -> None:
    """Recorded metadata does not contain the credentials of its URL and index."""
    reader, file, _ = sdist_reader(world, STATIC)
    index = IndexLocation("x", "https://me:secret@x.example/simple")
    url = f"https://me:secret@x.example/{file.filename}"
    reader.read_file(replace(file, url=url, index=index))
    assert list(world.records.metadata) == [
        f"https://x.example/simple https://x.example/{file.filename}"
    ]
