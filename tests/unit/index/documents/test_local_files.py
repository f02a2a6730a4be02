"""Wheels and sdists in the workspace, made to match their filenames."""

from __future__ import annotations

import io
import tarfile
import zipfile

import pytest

from pytest_indexcache.index.documents.local_files import local_file
from pytest_indexcache.scenario.tables.project import LocalFile


def test_a_wheel_is_of_the_release_that_its_name_says() -> None:
    """A local wheel has the name, version and tag of its filename, and the given requirements."""
    table = LocalFile(requires=("bar >= 2",), build="mine")
    data = b"".join(local_file("wheels/foo_baz-1.0-py3-none-linux_x86_64.whl", table))
    with zipfile.ZipFile(io.BytesIO(data)) as wheel:
        metadata = wheel.read("foo_baz-1.0.dist-info/METADATA").decode()
        assert "Tag: py3-none-linux_x86_64" in wheel.read("foo_baz-1.0.dist-info/WHEEL").decode()
        assert "__build__ = 'mine'" in wheel.read("foo_baz.py").decode()
    assert "Name: foo-baz\nVersion: 1.0\nRequires-Dist: bar >= 2" in metadata


def test_an_sdist_can_be_built() -> None:
    """A local sdist contains a project file, with the build backend beside it."""
    data = b"".join(local_file("foo-2.0.tar.gz", LocalFile()))
    with tarfile.open(fileobj=io.BytesIO(data)) as sdist:
        names = sdist.getnames()
    assert {"foo-2.0/pyproject.toml", "foo-2.0/backend/in_tree_backend.py"} <= set(names)


def test_what_has_another_name_is_no_file() -> None:
    """A filename that names neither a wheel nor an sdist raises an error."""
    with pytest.raises(ValueError, match="is not the path of a wheel or of an sdist"):
        list(local_file("foo.txt", LocalFile()))
