"""Generate wheels and sdists in the workspace, in the same way as those on an index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pytest_indexcache.index.documents.sdists import SdistSpec, build_sdist
from pytest_indexcache.index.documents.wheels import WheelSpec, build_wheel
from pytest_indexcache.scenario.tables.fields import release_of
from pytest_indexcache.scenario.tables.project import LocalFile


def local_file(path: str, file: LocalFile) -> Iterator[bytes]:
    """Yield the bytes of a wheel or sdist; the filename in ``path`` determines the release.

    :raises ValueError: if no file with that name can be generated
    """
    filename = path.rpartition("/")[2]
    release = release_of(filename)
    said: dict[str, Any] = {
        "name": release.project,
        "version": str(release.version),
        "requires": file.requires,
        "requires_python": file.requires_python,
        "attributes": tuple(file.attributes.items()),
        "build": file.build,
        "called": filename,
    }
    if release.is_wheel:
        tag = "-".join(filename.removesuffix(".whl").split("-")[-3:])
        content = build_wheel(WheelSpec(**said, tag=tag)).content
    else:
        content = build_sdist(SdistSpec(**said)).content
    yield from content.chunks(0, content.length)
