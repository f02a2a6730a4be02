"""Generated wheels, which are reproducible, and valid or damaged as specified."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from installer.sources import WheelFile
from packaging.metadata import Metadata
from packaging.utils import parse_wheel_filename

from pytest_indexcache.index.documents.contents import read
from pytest_indexcache.index.documents.wheels import BuiltDistribution, WheelSpec, build_wheel

TORCH = WheelSpec(
    name="torch",
    version="2.8.0+cpu",
    requires=("filelock", 'jinja2>=3 ; python_version >= "3"'),
    extras=(("opt_einsum", ("opt-einsum>=3.3", 'six ; sys_platform == "linux" or extra == "x"')),),
    requires_python=">=3.9.0",
    attributes=(("version.cuda", None), ("version.hip", "6.3")),
    build="pytorch-cpu",
    tag="cp312-cp312-manylinux_2_28_x86_64",
)


def opened(wheel: BuiltDistribution) -> zipfile.ZipFile:
    """Open a wheel as a zip file."""
    return zipfile.ZipFile(io.BytesIO(read(wheel.content)))


def imported(wheel: BuiltDistribution, name: str, folder: Path) -> Any:
    """Unpack a wheel and import its module."""
    opened(wheel).extractall(folder)
    path = folder / f"{name}.py"
    if not path.exists():
        path = folder / name / "__init__.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    finally:
        for key in [key for key in sys.modules if key.split(".")[0] == name]:
            del sys.modules[key]
    return module


def test_bytes_are_the_same_in_every_version_of_the_package() -> None:
    """The bytes of a wheel never change, because lockfiles in scenarios may contain its digest."""
    spec = WheelSpec("torch", "2.8.0+cpu", requires=("filelock",), build="pytorch-cpu")
    digest = "8b74e1b40bfa2c9df0d5256339788b49768ffbc3569e8ddb2b3d4c1db20c30e0"
    assert build_wheel(spec).digests.sha256 == digest


def test_equal_specifications_give_equal_bytes_and_others_others() -> None:
    """Equal specifications give equal bytes, and another build marker changes them."""
    other = replace(TORCH, build="pypi")
    assert read(build_wheel(replace(TORCH)).content) == read(build_wheel(TORCH).content)
    assert build_wheel(other).filename == build_wheel(TORCH).filename
    assert build_wheel(other).digests.sha256 != build_wheel(TORCH).digests.sha256


def test_values_that_are_equal_but_written_differently_give_different_wheels() -> None:
    """Wheels with the values 1 and True differ, although these values are equal in Python."""
    one = build_wheel(WheelSpec("a", "1", attributes=(("x", 1),)))
    true = build_wheel(WheelSpec("a", "1", attributes=(("x", True),)))
    assert read(one.content) != read(true.content)


def test_installer_validates_record_and_hashes() -> None:
    """The library ``installer`` finds every file in RECORD, with the correct hash."""
    wheel = build_wheel(TORCH)
    with opened(wheel) as archive:
        archive.filename = wheel.filename
        source = WheelFile(archive)
        assert source.dist_info_dir == "torch-2.8.0+cpu.dist-info"
        source.validate_record()


def test_file_name_is_what_packaging_reads() -> None:
    """The library packaging parses name, version, build tag and tags from the filename."""
    spec = WheelSpec("Ruamel.Yaml_x", "1!2.0+cu.128", tag="py2.py3-none-any", build_tag="1a")
    name, version, build, tags = parse_wheel_filename(spec.filename)
    assert (name, str(version), build) == ("ruamel-yaml-x", "1!2.0+cu.128", (1, "a"))
    assert {str(tag) for tag in tags} == {"py2-none-any", "py3-none-any"}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (WheelSpec("torch", "2.8.0+cpu"), "torch-2.8.0+cpu-py3-none-any.whl"),
        (WheelSpec("Jinja2", "3.1.6"), "jinja2-3.1.6-py3-none-any.whl"),
        (
            WheelSpec("nvidia-cublas-cu12", "12.8.4.1", tag="py3-none-manylinux_2_27_x86_64"),
            "nvidia_cublas_cu12-12.8.4.1-py3-none-manylinux_2_27_x86_64.whl",
        ),
    ],
)
def test_file_name_is_escaped_as_the_wheel_specification_says(
    spec: WheelSpec, expected: str
) -> None:
    """In a filename, hyphens become underscores, and the plus sign of a local version is kept."""
    assert spec.filename == expected


def test_metadata_is_what_packaging_accepts_strictly() -> None:
    """The core metadata of a wheel contains the given values, and is valid for packaging."""
    metadata = Metadata.from_email(build_wheel(TORCH).metadata, validate=True)
    assert metadata.metadata_version == "2.2"
    assert (metadata.name, str(metadata.version)) == ("torch", "2.8.0+cpu")
    assert str(metadata.requires_python) == ">=3.9.0"
    assert metadata.provides_extra == ["opt-einsum"]
    requires = [str(requirement) for requirement in metadata.requires_dist or []]
    assert requires == [
        "filelock",
        'jinja2>=3; python_version >= "3"',
        'opt-einsum>=3.3; extra == "opt-einsum"',
        'six; (sys_platform == "linux" or extra == "x") and extra == "opt-einsum"',
    ]


def test_metadata_in_the_wheel_is_the_metadata_apart() -> None:
    """Separately served core metadata is equal to the METADATA in the wheel."""
    wheel = build_wheel(TORCH)
    assert opened(wheel).read("torch-2.8.0+cpu.dist-info/METADATA") == wheel.metadata


def test_line_breaks_in_requirements_add_no_metadata_fields() -> None:
    """A line break in a requirement cannot add a metadata field."""
    spec = WheelSpec("a", "1", requires=("b>=1\nName: evil\r\n\u2028x",), requires_python=">=3\n")
    lines = build_wheel(spec).metadata.decode().splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "Metadata-Version",
        "Name",
        "Version",
        "Requires-Python",
        "Requires-Dist",
    ]


def test_wheel_file_lists_each_tag_and_the_build_tag() -> None:
    """WHEEL lists each tag of a compressed tag set."""
    wheel = build_wheel(WheelSpec("a", "1", tag="py2.py3-none-any", build_tag="7"))
    lines = opened(wheel).read("a-1.dist-info/WHEEL").decode().splitlines()
    assert lines[3:] == ["Tag: py2-none-any", "Tag: py3-none-any", "Build: 7"]


def test_a_plain_wheel_has_one_module_and_nothing_to_spare() -> None:
    """A plain wheel contains only the module, METADATA, WHEEL and RECORD."""
    assert opened(build_wheel(WheelSpec("nvidia-cublas-cu12", "1"))).namelist() == [
        "nvidia_cublas_cu12.py",
        "nvidia_cublas_cu12-1.dist-info/METADATA",
        "nvidia_cublas_cu12-1.dist-info/WHEEL",
        "nvidia_cublas_cu12-1.dist-info/RECORD",
    ]


def test_module_has_version_and_build(tmp_path: Path) -> None:
    """The module of a wheel contains the version and the build marker of its release."""
    module = imported(build_wheel(WheelSpec("a.b-c", "1.0", build="pypi")), "a_b_c", tmp_path)
    assert (module.__version__, module.__build__) == ("1.0", "pypi")


def test_dotted_attributes_are_modules_of_a_package(tmp_path: Path) -> None:
    """The attribute ``version.cuda`` of torch is a value in torch/version.py."""
    module = imported(build_wheel(TORCH), "torch", tmp_path)
    assert (module.version.cuda, module.version.hip) == (None, "6.3")
    assert (tmp_path / "torch/version.py").read_text() == "cuda = None\nhip = '6.3'\n"


def test_attribute_with_parentheses_is_a_function(tmp_path: Path) -> None:
    """The attribute ``cuda.is_available()`` is a function that returns the value."""
    wheel = build_wheel(WheelSpec("torch", "1", attributes=(("cuda.is_available()", True),)))
    assert imported(wheel, "torch", tmp_path).cuda.is_available() is True


@given(
    st.text()
    | st.integers(min_value=-(2**63), max_value=2**63)
    | st.floats()
    | st.booleans()
    | st.none()
)
def test_any_value_survives_the_way_through_a_module(value: str | float | bool | None) -> None:
    """Any value of a scenario is imported unchanged, and executes no code."""
    wheel = build_wheel(WheelSpec("a", "1", attributes=(("x", value),), build=repr(value)))
    scope: dict[str, Any] = {}
    exec(opened(wheel).read("a.py"), scope)
    assert repr(scope["x"]) == repr(value)
    assert scope["__build__"] == repr(value)


@pytest.mark.parametrize(
    "name",
    ["import os", "x=1;y", "", "a..b", "class", "a.def", "ä", "a-b", "1a", "a.b\n", "()", "a().b"],
)
def test_attribute_that_is_no_name_is_refused(name: str) -> None:
    """An attribute that is not an identifier is refused."""
    with pytest.raises(ValueError, match="is not a name in Python"):
        WheelSpec("a", "1", attributes=((name, 1),))


@pytest.mark.parametrize(
    "names",
    [
        ("version", "version.cuda"),
        ("version.cuda", "version"),
        ("cuda()", "cuda.x"),
        ("cuda.x", "cuda()"),
        ("x", "x()"),
        ("x()", "x"),
    ],
)
def test_attribute_that_is_value_and_module_is_refused(names: tuple[str, str]) -> None:
    """An attribute that is both a value and a module is refused."""
    with pytest.raises(ValueError, match="a module and a value cannot have the same name"):
        WheelSpec("a", "1", attributes=((names[0], 1), (names[1], 2)))


@pytest.mark.parametrize("name", ["", "-a", "a b", "a\nName: b", "../a"])
def test_name_that_is_none_is_refused(name: str) -> None:
    """An invalid project name is refused, because paths and metadata contain it."""
    with pytest.raises(ValueError, match="is not a project's name"):
        WheelSpec(name, "1")


def test_bad_crc_is_found_when_the_member_is_read() -> None:
    """With the damage ``bad-crc``, the module has a wrong checksum, but RECORD is correct."""
    archive = opened(build_wheel(WheelSpec("a", "1", damage="bad-crc")))
    assert archive.testzip() == "a.py"
    with pytest.raises(zipfile.BadZipFile, match="CRC"):
        archive.read("a.py")


def test_short_record_lacks_the_module() -> None:
    """With the damage ``short-record``, RECORD does not list the module."""
    archive = opened(build_wheel(WheelSpec("a", "1", damage="short-record")))
    assert archive.testzip() is None
    assert b"a.py" not in archive.read("a-1.dist-info/RECORD")


def test_not_a_zip_is_none_and_still_tells_builds_apart() -> None:
    """A wheel with the damage ``not-a-zip`` is not an archive, and its bytes differ by build."""
    one = build_wheel(WheelSpec("a", "1", damage="not-a-zip", build="x"))
    other = build_wheel(WheelSpec("a", "1", damage="not-a-zip", build="y"))
    assert not zipfile.is_zipfile(io.BytesIO(read(one.content)))
    assert one.content.length == other.content.length
    assert one.digests.sha256 != other.digests.sha256


def test_padding_is_in_the_wheel_and_in_its_record() -> None:
    """Padding is a normal member of a wheel, with correct length, checksum and hash."""
    plain, padded = (
        build_wheel(WheelSpec("a", "1")),
        build_wheel(WheelSpec("a", "1", padding=99_999)),
    )
    assert padded.content.length > plain.content.length + 99_999
    data = read(padded.content)
    archive = zipfile.ZipFile(io.BytesIO(data))
    archive.filename = padded.filename
    assert archive.getinfo("a-1.dist-info/padding").file_size == 99_999
    WheelFile(archive).validate_record()
    assert padded.digests.sha256 == hashlib.sha256(data).hexdigest()


def test_padding_beyond_what_a_zip_file_holds_is_refused() -> None:
    """Padding of 4 GiB is refused, because the wheel would need Zip64."""
    with pytest.raises(ValueError, match="padding of 4294967296 bytes"):
        WheelSpec("a", "1", padding=1 << 32)
