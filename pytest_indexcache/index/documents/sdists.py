"""Generate sdists and local projects, both of which are built by the same in-tree backend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import tomli_w

from pytest_indexcache.index.documents.archives import Member, check_padding, crc32, tar_gz_archive
from pytest_indexcache.index.documents.contents import PaddingContent
from pytest_indexcache.index.documents.releases import ReleaseSpec
from pytest_indexcache.index.documents.wheels import BuiltDistribution, Damage
from pytest_indexcache.messages import BytesContent
from pytest_indexcache.scenario.tables.project import LocalProject

BACKEND: Final = "in_tree_backend"
BACKEND_FOLDER: Final = "backend"


@dataclass(frozen=True)
class BuiltWheel:
    """The properties in which a wheel differs from the sdist that it is built from."""

    name: str | None = None
    version: str | None = None
    tag: str | None = None
    own_python: bool = False
    requires: tuple[str, ...] = ()


@dataclass(frozen=True)
class SdistSpec(ReleaseSpec):
    """The properties of an sdist; ``padding`` is a size in bytes.

    :raises ValueError: if an attribute's name cannot be used in Python, if the padding is too
        large, or if an sdist cannot be damaged in this way
    """

    padding: int = 0
    damage: Damage | None = None
    built: BuiltWheel = BuiltWheel()

    def __post_init__(self) -> None:
        super().__post_init__()
        check_padding(self.padding)
        if self.damage == "short-record":
            raise ValueError("an sdist has no RECORD that could lack a file")

    @property
    def filename(self) -> str:
        """The sdist's filename (PEP 625)."""
        return self.called or f"{self.stem}.tar.gz"


@dataclass(frozen=True)
class LocalSpec(ReleaseSpec):
    """The properties of a local project; a dynamic version is known only to the build backend."""

    is_dynamic: bool = False


def build_sdist(spec: SdistSpec) -> BuiltDistribution:
    """Generate an sdist with ``PKG-INFO``, ``pyproject.toml``, modules and a build backend."""
    # 1, 1.0 and True are equal, but their source text differs
    return _build_sdist(spec, repr(spec.attributes))


@lru_cache(maxsize=4096)
def _build_sdist(spec: SdistSpec, _attributes: str) -> BuiltDistribution:
    metadata = spec.metadata()
    if spec.damage == "not-a-zip":
        junk = f"This is not a gzip file, but build {spec.build!r} of {spec.stem}.\n"
        return BuiltDistribution(spec.filename, BytesContent(junk.encode()), metadata)
    members = [Member.of(f"{spec.stem}/PKG-INFO", metadata)]
    members += [
        Member.of(f"{spec.stem}/{path}", data)
        for path, data in project_files(spec, spec.built).items()
    ]
    if spec.padding:
        padding = PaddingContent(spec.padding)
        members.append(Member(f"{spec.stem}/padding", padding, crc32(padding)))
    content = tar_gz_archive(members, break_crc=spec.damage == "bad-crc")
    return BuiltDistribution(spec.filename, content, metadata)


def project_files(spec: ReleaseSpec, built: BuiltWheel = BuiltWheel()) -> dict[str, bytes]:
    """Return the files of a project that can be built, keyed by path in the project's folder."""
    made = replace(spec, name=built.name or spec.name, version=built.version or spec.version)
    files = {
        "pyproject.toml": tomli_w.dumps(_pyproject(spec, built)).encode(),
        f"{BACKEND_FOLDER}/METADATA": made.metadata(),
        f"{BACKEND_FOLDER}/{BACKEND}.py": _backend(),
        **made.module_files(),
    }
    tag = "cp{0}{1}-none-any" if built.own_python else built.tag
    if tag:
        files[f"{BACKEND_FOLDER}/TAG"] = tag.encode()
    return files


def write_local_project(folder: Path, name: str, project: LocalProject) -> None:
    """Write a local project's modules, metadata and build backend to a folder.

    Files whose contents are already correct are not touched. Modules that the project no longer has
    are deleted; other files in the folder are kept.
    """
    spec = LocalSpec(
        name=name,
        version=project.version,
        is_dynamic=project.is_dynamic,
        requires=project.requires,
        extras=tuple(project.extras.items()),
        attributes=tuple(project.attributes.items()),
        build=project.build if project.build is not None else project.path,
    )
    wanted = project_files(spec)
    for path in [folder / f"{spec.module}.py", *folder.glob(f"{spec.module}/**/*.py")]:
        if path.is_file() and path.relative_to(folder).as_posix() not in wanted:
            path.unlink()
    for name_, data in wanted.items():
        _write(folder / name_, data)


def _pyproject(spec: ReleaseSpec, built: BuiltWheel) -> Mapping[str, Any]:
    project: dict[str, Any] = {"name": spec.name, "version": spec.version}
    if isinstance(spec, LocalSpec) and spec.is_dynamic:
        project = {"name": spec.name, "dynamic": ["version"]}
    if spec.requires_python:
        project["requires-python"] = spec.requires_python
    project["dependencies"] = list(spec.requires)
    if spec.extras:
        extras = {extra: list(requirements) for extra, requirements in spec.extras}
        project["optional-dependencies"] = extras
    return {
        "build-system": {
            "requires": list(built.requires),
            "build-backend": BACKEND,
            "backend-path": [BACKEND_FOLDER],
        },
        "project": project,
    }


@cache
def _backend() -> bytes:
    return (files(__package__) / f"{BACKEND}.py").read_bytes()


def _write(path: Path, data: bytes) -> None:
    if path.is_file() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
