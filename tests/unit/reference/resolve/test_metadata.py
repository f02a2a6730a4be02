"""Core metadata from announced files, records, wheels, sdists and folders, cheapest first."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from pytest_indexcache.errors import (
    HashMismatchError,
    InvalidDistributionError,
    OfflineError,
)
from pytest_indexcache.reference.resolve.core_metadata import parse_metadata, read_wheel_metadata
from pytest_indexcache.reference.words.packages import IndexLocation, RemoteFile
from pytest_indexcache.reference.words.selection import Selection
from pytest_indexcache.reference.words.variants import VARIANTS

from ..world import World
from .apps import APP, WHEEL, names


def app(world: World) -> RemoteFile:
    """Return the file of app's only release."""
    return world.finder().find(APP).releases[0].file


def test_asks_for_the_announced_file_and_not_for_the_wheel(world: World) -> None:
    """If an index announces metadata, the metadata is requested, not the wheel (PEP 658)."""
    world.client.add("app", "1.0", ["base>=1"], extras=["fast"], requires_python=">=3.8")
    found = world.metadata().read_file(app(world))
    assert (found.name, found.version, found.requires_python) == (APP, Version("1.0"), ">=3.8")
    assert names(found.dependencies) == ["base>=1"]
    assert found.extras == {"fast"}
    assert world.client.requests[1:] == [f"metadata {WHEEL}.metadata"]


def test_fetches_the_wheel_where_nothing_is_announced(world: World) -> None:
    """If an index does not announce metadata, the wheel is downloaded."""
    world.client.add("app", "1.0", ["base"], announced=False)
    assert names(world.metadata().read_file(app(world)).dependencies) == ["base"]
    assert world.client.requests[1:] == [f"wheel {WHEEL}"]


def test_fetches_the_wheel_where_the_announced_file_is_missing(world: World) -> None:
    """If announced metadata is missing on the index, the wheel is downloaded."""
    world.client.add("app", "1.0", ["base"])
    world.client.files = {k: v for k, v in world.client.files.items() if k.endswith(".whl")}
    assert names(world.metadata().read_file(app(world)).dependencies) == ["base"]


def test_what_was_learnt_by_hash_is_never_asked_for_again(world: World) -> None:
    """Metadata recorded under its hash needs no request, and is not put into the HTTP cache."""
    world.client.add("app", "1.0", ["base"])
    file = app(world)
    world.metadata().read_file(file)
    assert world.client.stored == []
    world.client.requests.clear()
    assert names(world.metadata().read_file(file).dependencies) == ["base"]
    assert world.client.requests == []


def test_without_a_hash_the_record_is_for_offline_alone(world: World) -> None:
    """Metadata recorded without a hash is used only offline."""
    world.client.add("app", "1.0", ["base"], hashed=False)
    file = app(world)
    world.metadata().read_file(file)
    world.metadata().read_file(file)
    assert world.client.requests.count(f"metadata {WHEEL}.metadata") == 2
    assert world.client.stored == [f"{WHEEL}.metadata"] * 2
    world.client.offline = True
    assert names(world.metadata().read_file(file).dependencies) == ["base"]


def test_offline_what_is_not_known_is_an_error(world: World) -> None:
    """Offline, metadata without a record is an error of the index client."""
    world.client.add("app", "1.0")
    file = app(world)
    world.client.offline = True
    with pytest.raises(OfflineError):
        world.metadata().read_file(file)


def test_refuses_metadata_that_is_not_what_was_announced(world: World) -> None:
    """Metadata whose hash differs from the announced hash is an error, except in a variant."""
    world.client.add("app", "1.0")
    file = app(world)
    world.client.files[f"{file.url}.metadata"] += b"tampered"
    with pytest.raises(HashMismatchError, match=r"its sha256 is not"):
        world.metadata().read_file(file)
    assert world.records.metadata == {}
    assert world.metadata(VARIANTS["ignore-hash"]).read_file(file).name == APP


def test_wheel_says_what_its_index_announced(world: World) -> None:
    """A wheel whose metadata differs from its announced metadata is refused (PEP 658)."""
    world.client.add("app", "1.0", ["base>=1"], hashed=False)
    file = replace(app(world), metadata_hashes={})
    wheel = world.client.fetch(file)
    reader = world.metadata()
    reader.demand_same(file, wheel)  # no metadata was read before
    announced = b"Name: app\nVersion: 1.0\nRequires-Dist: other\nProvides-Extra: x\n\n"
    world.client.files[f"{file.url}.metadata"] = announced
    reader.read_file(file)
    with pytest.raises(InvalidDistributionError, match="its dependencies and extras differ from"):
        reader.demand_same(file, wheel)
    lenient = world.metadata(VARIANTS["ignore-hash"])
    lenient.read_file(file)
    lenient.demand_same(file, wheel)


def test_refuses_the_metadata_of_another_project(world: World) -> None:
    """A wheel with another project's metadata is refused."""
    world.client.add("app", "1.0", metadata_name="impostor")
    with pytest.raises(InvalidDistributionError, match=r"is that of impostor 1\.0"):
        world.metadata().read_file(app(world))


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "Invalid version"),
        (b"Name: app\nVersion: banana\n\n", "Invalid version: 'banana'"),
        (b"Name: app\nVersion: 1.0\nRequires-Dist: ???\n\n", "Expected"),
        (b"\xff\xfe\x00", "Invalid version"),
        (b"Name: app\nVersion: " + b"9" * 5000 + b"\n\n", "Exceeds the limit"),
    ],
)
def test_refuses_broken_metadata(data: bytes, problem: str) -> None:
    """The error for invalid metadata names the file and the problem."""
    with pytest.raises(InvalidDistributionError, match=f"{WHEEL}: .*{problem}"):
        parse_metadata(data, WHEEL)


def test_a_description_that_looks_like_fields_is_no_field() -> None:
    """A description in METADATA that looks like fields is not parsed as fields."""
    data = b"Name: app\r\nVersion: 1.0\r\n\r\nRequires-Dist: not this\n"
    assert parse_metadata(data, WHEEL).dependencies == ()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"no zip at all"])
def test_refuses_a_wheel_that_is_none(tmp_path: Path, content: bytes) -> None:
    """The error for a truncated wheel, or for a file of another kind, names the file."""
    (tmp_path / WHEEL).write_bytes(content)
    with pytest.raises(InvalidDistributionError, match=f"{WHEEL} is a broken wheel"):
        read_wheel_metadata(tmp_path / WHEEL, WHEEL)


def test_refuses_a_wheel_without_metadata(tmp_path: Path) -> None:
    """A zip file without METADATA is not a wheel."""
    with zipfile.ZipFile(tmp_path / WHEEL, "w") as archive:
        archive.writestr("app.py", "")
    with pytest.raises(InvalidDistributionError, match="it has no METADATA"):
        read_wheel_metadata(tmp_path / WHEEL, WHEEL)


def test_hashes_a_file_whose_index_names_none(world: World) -> None:
    """The hash of a file is computed only if its index lists none."""
    world.client.add("app", "1.0", hashed=False)
    file = app(world)
    found = world.metadata().with_hash(file)
    assert found.hashes == {"sha256": hashlib.sha256(world.client.files[file.url]).hexdigest()}
    assert world.metadata().with_hash(found) is found


def test_a_file_of_this_disk_is_fetched_like_any_other(world: World) -> None:
    """Metadata of a local file is recorded under its computed hash, not under a claimed hash."""
    world.client.add("app", "1.0", ["base"], announced=False)
    file = app(world)
    path = world.folder / "here" / WHEEL
    path.parent.mkdir()
    path.write_bytes(world.client.files[file.url])
    local = replace(file, url=path.as_uri(), index=None)
    assert names(world.metadata().read_file(local).dependencies) == ["base"]
    assert world.client.requests[1:] == [f"wheel {WHEEL}"]


EVIL = IndexLocation("evil", "https://evil.example/simple")
HONEST = IndexLocation("honest", "https://honest.example/simple")
POISON = b"Metadata-Version: 2.1\nName: app\nVersion: 1.0\nRequires-Dist: malware\n\n"


def claimed(world: World, file: RemoteFile, project: str, **more: Any) -> RemoteFile:
    """Return a file on another index with a claimed hash and announced metadata."""
    url = f"https://evil.example/{project}-1.0-py3-none-any.whl"
    world.client.files[f"{url}.metadata"] = POISON
    return replace(
        file,
        filename=f"{project}-1.0-py3-none-any.whl",
        project=canonicalize_name(project),
        url=url,
        index=EVIL,
        **more,
    )


@pytest.mark.parametrize("project", ["helper", "app"])
@pytest.mark.parametrize("announced", [{}, {"sha256": hashlib.sha256(POISON).hexdigest()}])
def test_an_index_cannot_say_what_a_file_of_another_requires(
    world: World, project: str, announced: dict[str, str]
) -> None:
    """Metadata from one index is not used for a file on another index with a claimed hash.

    This holds for the same and for another project, in this run and in a later one.
    """
    world.client.add("app", "1.0", ["base"], index=HONEST.url)
    honest = world.finder([HONEST]).find(APP).releases[0].file
    evil = claimed(world, honest, project, metadata_hashes=announced)
    reader = world.metadata()
    if project == "helper":
        with pytest.raises(InvalidDistributionError, match=r"is that of app 1\.0"):
            reader.read_file(evil)
    else:
        assert names(reader.read_file(evil).dependencies) == ["malware"]
    assert names(reader.read_file(honest).dependencies) == ["base"]
    assert names(world.metadata().read_file(honest).dependencies) == ["base"]


def test_a_record_with_the_contents_of_another_is_not_believed(world: World) -> None:
    """A record with the contents of another record is ignored, and is written again."""
    for announced in (True, False):
        world.records.metadata.clear()
        world.client.add("app", "1.0", ["base"], announced=announced)
        file = app(world)
        world.metadata().read_file(file)
        other = POISON if announced else POISON.replace(b"Name: app", b"Name: helper")
        world.records.metadata = dict.fromkeys(world.records.metadata, other)
        assert names(world.metadata().read_file(file).dependencies) == ["base"]
        assert other not in world.records.metadata.values()


def test_a_weak_hash_proves_nothing(world: World) -> None:
    """Metadata recorded under an md5 hash is used only for the same index and URL."""
    world.client.add("app", "1.0", ["base"], announced=False)
    file = replace(app(world), hashes={"md5": "0" * 32})
    world.metadata().read_file(file)
    (key,) = world.records.metadata
    assert key == f"https://pypi.org/simple {file.url} md5 {'0' * 32}"


@pytest.mark.parametrize("chosen", [Selection.of(True), Selection.of(["app"])])
def test_refresh_asks_for_metadata_again(world: World, chosen: Selection) -> None:
    """With --refresh, recorded metadata is requested again."""
    world.client.add("app", "1.0", ["base"])
    file = app(world)
    world.metadata().read_file(file)
    world.metadata(refresh=Selection.of(["other"])).read_file(file)
    assert world.client.requests.count(f"metadata {WHEEL}.metadata") == 1
    world.metadata(refresh=chosen).read_file(file)
    assert world.client.requests.count(f"metadata {WHEEL}.metadata") == 2
    world.client.offline = True
    assert names(world.metadata(refresh=chosen).read_file(file).dependencies) == ["base"]
