"""Valid wheels are unpacked, and invalid ones are refused."""

from __future__ import annotations

import csv
import os
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from pytest_indexcache.errors import InvalidDistributionError, ReferenceInstallerError
from pytest_indexcache.index.documents.wheels import WheelSpec, build_wheel
from pytest_indexcache.reference.install.unpacking import unpack

from .written_wheels import FILES, INFO, record_line, write_wheel


@pytest.fixture
def scheme(tmp_path: Path) -> dict[str, Path]:
    """Return the folders of a venv, none of which exists."""
    venv = tmp_path / "venv"
    site = venv / "lib" / "site-packages"
    return {
        "purelib": site,
        "platlib": site,
        "scripts": venv / "bin",
        "headers": venv / "include" / "demo",
        "data": venv,
    }


Unpack = Callable[[Path], Mapping[str, Path]]


@pytest.fixture
def unpacked(scheme: dict[str, Path]) -> Unpack:
    """Return a function that unpacks a wheel, and returns the folders of the scheme."""

    def run(wheel: Path) -> Mapping[str, Path]:
        folders = {name: str(folder) for name, folder in scheme.items()}
        unpack(wheel, folders, Path("/venv/bin/python"), {"INSTALLER": b"us\n"})
        return scheme

    return run


def test_a_large_wheel_is_read_piece_by_piece(tmp_path: Path, unpacked: Unpack) -> None:
    """A file larger than the read buffer is unpacked unchanged."""
    data = bytes(range(256)) * (3 << 12)
    wheel = write_wheel(tmp_path, {**FILES, "demo/data.bin": data})
    assert wheel.stat().st_size > len(data)
    assert (unpacked(wheel)["purelib"] / "demo" / "data.bin").read_bytes() == data


def test_files_lie_where_their_part_of_the_scheme_has_them(
    tmp_path: Path, unpacked: Unpack
) -> None:
    """Modules are unpacked to purelib, and files in .data to scripts, headers and data."""
    data = {"scripts/run": b"x\n", "headers/demo.h": b"y\n", "data/share/demo": b"z\n"}
    extra = {f"demo-1.0.data/{path}": content for path, content in data.items()}
    folders = unpacked(write_wheel(tmp_path, {**FILES, **extra}))

    site = "lib/site-packages"
    venv = folders["data"]
    assert {path.relative_to(venv).as_posix() for path in venv.rglob("*") if path.is_file()} == {
        f"{site}/demo/__init__.py",
        f"{site}/{INFO}/METADATA",
        f"{site}/{INFO}/WHEEL",
        f"{site}/{INFO}/INSTALLER",
        f"{site}/{INFO}/RECORD",
        "bin/run",
        "include/demo/demo.h",
        "share/demo",
    }


def test_record_lists_every_file_relative_to_site_packages(
    tmp_path: Path, unpacked: Unpack
) -> None:
    """The installed RECORD lists generated files, and gives relative paths for scripts."""
    files = {**FILES, "demo-1.0.data/scripts/run": b"#!python\nprint()\n"}
    folders = unpacked(write_wheel(tmp_path, files))

    text = (folders["purelib"] / INFO / "RECORD").read_text("utf-8")
    rows = list(csv.reader(text.splitlines()))
    assert {row[0] for row in rows} == {
        "demo/__init__.py",
        f"{INFO}/METADATA",
        f"{INFO}/WHEEL",
        f"{INFO}/INSTALLER",
        f"{INFO}/RECORD",
        "../../bin/run",
    }
    written = (folders["scripts"] / "run").read_bytes()
    assert record_line("../../bin/run", written).strip().split(",") in rows


def test_scripts_start_the_python_of_the_venv(tmp_path: Path, unpacked: Unpack) -> None:
    """Entry points become scripts, and #!python is replaced by the venv's Python."""
    points = b"[console_scripts]\ndemo = demo:main\n"
    files = {
        **FILES,
        f"{INFO}/entry_points.txt": points,
        "demo-1.0.data/scripts/run": b"#!pythonw\nprint()\n",
    }
    folders = unpacked(write_wheel(tmp_path, files))

    for name in ("demo", "run"):
        script = folders["scripts"] / name
        assert script.read_text().startswith("#!/venv/bin/python\n")
        assert script.stat().st_mode & 0o111


def test_executable_files_stay_executable(tmp_path: Path, unpacked: Unpack) -> None:
    """A file that is executable in the archive is executable in the venv."""
    folders = unpacked(write_wheel(tmp_path, FILES, mode=0o755))
    assert (folders["purelib"] / "demo" / "__init__.py").stat().st_mode & 0o100


def test_byte_code_of_the_archive_is_left_out(tmp_path: Path, unpacked: Unpack) -> None:
    """Files in __pycache__ are not installed, because they could differ from their modules."""
    files = {**FILES, "demo/__pycache__/a.cpython-311.pyc": b"\0"}
    folders = unpacked(write_wheel(tmp_path, files))
    assert not (folders["purelib"] / "demo" / "__pycache__").exists()
    assert "__pycache__" not in (folders["purelib"] / INFO / "RECORD").read_text()


def test_platform_wheels_lie_beside_pure_ones(tmp_path: Path, unpacked: Unpack) -> None:
    """Files of platlib are unpacked into the same folder as files of purelib."""
    files = {**FILES, f"{INFO}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: false\n"}
    folders = unpacked(write_wheel(tmp_path, files))
    assert (folders["purelib"] / "demo" / "__init__.py").is_file()


def test_local_versions_and_made_wheels_are_accepted(tmp_path: Path, unpacked: Unpack) -> None:
    """A wheel from the fake index with a local version is unpacked."""
    made = build_wheel(WheelSpec("torch", "2.9.0+cpu", attributes=(("version.cuda", None),)))
    wheel = tmp_path / made.filename
    wheel.write_bytes(b"".join(made.content.chunks(0, made.content.length)))
    assert (unpacked(wheel)["purelib"] / "torch-2.9.0+cpu.dist-info").is_dir()


def test_the_first_name_and_version_of_the_metadata_count(tmp_path: Path, unpacked: Unpack) -> None:
    """Lines of METADATA that continue a field are not read as separate fields."""
    metadata = b"Name: Demo\r\nLicense: x\r\n        Name: other\r\nVersion: 1.0\r\n\r\nName: y\r\n"
    files = {**FILES, f"{INFO}/METADATA": metadata}
    assert (unpacked(write_wheel(tmp_path, files))["purelib"] / INFO).is_dir()


@pytest.mark.parametrize("damage", ["bad-crc", "short-record", "not-a-zip"])
def test_damaged_wheels_are_refused(damage: str, tmp_path: Path, unpacked: Unpack) -> None:
    """A wheel is refused if a CRC is wrong, RECORD is incomplete, or it is not a zip file."""
    made = build_wheel(WheelSpec("demo", "1.0", damage=damage))  # type: ignore[arg-type]
    wheel = tmp_path / made.filename
    wheel.write_bytes(b"".join(made.content.chunks(0, made.content.length)))
    with pytest.raises(InvalidDistributionError, match=r"demo-1\.0-py3-none-any\.whl is broken"):
        unpacked(wheel)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"../escape.py": b""}, "a file named ../escape.py"),
        ({"/etc/escape": b""}, "is broken"),
        ({"demo/../../escape.py": b""}, "a file named"),
        ({"demo-1.0.data/nowhere/x": b""}, r"whl is broken: demo-1.0.data/nowhere/x is not contai"),
        ({"demo-1.0.data/purelib/other-9.dist-info/METADATA": b""}, "that something else is inst"),
        ({"demo-1.0.data/data/lib/x/other-9.Dist-Info/RECORD": b""}, "that something else is in"),
        ({f"{INFO}/WHEEL": b"Wheel-Version: 2.0\n"}, "Incompatible Wheel-Version"),
        ({f"{INFO}/METADATA": b"Name: other\nVersion: 1.0\n"}, "METADATA is that of other 1.0"),
        ({f"{INFO}/METADATA": b"Name: demo\nVersion: 1.0+cpu\n"}, r"that of demo 1.0\+cpu"),
        ({f"{INFO}/METADATA": b"\xff\xfe"}, "is broken"),
        ({f"{INFO}/entry_points.txt": b"[console_scripts]\na = !!\n"}, "that is not MODULE:NAME"),
        ({f"{INFO}/entry_points.txt": b"[console_scripts]\npython = a:b\n"}, "a script python"),
        ({f"{INFO}/entry_points.txt": b"[gui_scripts]\nPython3.11 = a:b\n"}, "script Python3.11"),
        ({"demo-1.0.data/scripts/python": b"#!python\n"}, "has a script python, which would"),
        ({"demo-1.0.data/scripts/python3": b"#!python\n"}, "has a script python3, which would"),
        ({"demo-1.0.data/data/bin/python3.11": b""}, "has a script python3.11, which would"),
        ({"demo-1.0.data/data/pyvenv.cfg": b""}, "has a pyvenv.cfg"),
        ({f"demo/{'x' * 256}.py": b""}, "a file whose name has 259 bytes: demo/xxx"),
        ({f"demo/{'é' * 127}.py": b""}, "a file whose name has 257 bytes: demo/ééé"),
        ({f"{INFO}/entry_points.txt": b"[console_scripts]\n../a = b:c\n"}, "named ../a"),
        (
            {f"{INFO}/entry_points.txt": b"[console_scripts]\n. = b:c\n"},
            "a file named [.]\\n",
        ),
        ({"other-1.0.dist-info/METADATA": b""}, "exactly one .dist-info"),
        ({"demo/a": b"", "demo/a/b/c.py": b""}, "has demo/a as a file and as a folder"),
    ],
)
def test_wheels_against_the_specification_are_refused(
    files: Mapping[str, bytes], reason: str, tmp_path: Path, unpacked: Unpack
) -> None:
    """A wheel with forbidden content is refused, and no file is written outside the venv."""
    with pytest.raises(InvalidDistributionError, match=reason):
        unpacked(write_wheel(tmp_path, {**FILES, **files}))
    assert not list(tmp_path.rglob("escape*"))


@pytest.mark.skipif(os.name == "nt", reason="paths of Windows have another limit")
def test_path_that_is_too_long_is_told(tmp_path: Path, unpacked: Unpack) -> None:
    """A path that is too long for the disk is reported as an error of the wheel."""
    wheel = write_wheel(tmp_path, {**FILES, f"{'folder/' * 700}x.py": b""})
    with pytest.raises(ReferenceInstallerError, match=r"demo-1\.0.* whose path .* is too long"):
        unpacked(wheel)


def test_a_record_may_pad_its_hashes(tmp_path: Path, unpacked: Unpack) -> None:
    """A hash in RECORD may be padded with =, as some tools write it."""
    lines = "".join(record_line(path, data) for path, data in FILES.items()).replace(",", "=,")
    record = lines.replace("=,sha256", ",sha256") + f"{INFO}/RECORD,,\n"
    assert (unpacked(write_wheel(tmp_path, FILES, record=record))["purelib"] / INFO).is_dir()


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ("", "has no hash of demo/__init__.py"),
        (f"demo/__init__.py,,\n{INFO}/RECORD,,\n", "has no hash of demo/__init__.py"),
        ("one,two\n", "expected 3 elements"),
        ("demo/__init__.py,sha256=AAAA,10\n", "demo/__init__.py is not what its RECORD says"),
        ("demo/__init__.py,nonsense=AAAA,10\n", "invalid hash algorithm"),
        ("demo/__init__.py,md5=AAAA,10\n", "has md5 of demo/__init__.py, not sha256"),
        ("demo/__init__.py,shake_128=AAAA,10\n", "has shake_128 of demo/__init__.py"),
    ],
)
def test_wrong_records_are_refused(
    record: str, reason: str, tmp_path: Path, unpacked: Unpack
) -> None:
    """A file whose hash in RECORD is missing or wrong is refused."""
    with pytest.raises(InvalidDistributionError, match=reason):
        unpacked(write_wheel(tmp_path, FILES, record=record))


def test_a_dist_info_of_another_version_is_refused(tmp_path: Path, unpacked: Unpack) -> None:
    """A wheel with the dist-info folder of another version is refused."""
    files = {path.replace(INFO, "demo-2.0.dist-info"): data for path, data in FILES.items()}
    lines = "".join(record_line(path, data) for path, data in files.items())
    wheel = write_wheel(tmp_path, files | {"demo-2.0.dist-info/RECORD": lines.encode()}, record="")
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(tmp_path / "x", "w") as target:
        for name in source.namelist():
            if not name.startswith(INFO):
                target.writestr(name, source.read(name))
    (tmp_path / "x").replace(wheel)
    with pytest.raises(InvalidDistributionError, match=r"demo-2\.0\.dist-info is that of another"):
        unpacked(wheel)


def test_an_archive_behind_another_is_refused(tmp_path: Path, unpacked: Unpack) -> None:
    """A wheel with bytes before the zip archive is refused, because zip readers disagree on it."""
    wheel = write_wheel(tmp_path, {**FILES, "demo/hidden.py": b""})
    first = wheel.read_bytes()
    wheel.write_bytes(first + write_wheel(tmp_path, FILES).read_bytes())
    with pytest.raises(InvalidDistributionError, match="does not start at the beginning"):
        unpacked(wheel)


def test_a_size_that_the_archive_does_not_have_is_refused(tmp_path: Path, unpacked: Unpack) -> None:
    """A file whose size differs from that in the zip directory is refused."""
    wheel = write_wheel(tmp_path, FILES)
    data = bytearray(wheel.read_bytes())
    entry = data.rindex(b"demo/__init__.py") - 46  # APPNOTE.TXT 4.3.12: the name follows 46 bytes
    data[entry + 24 : entry + 28] = (1 << 30).to_bytes(4, "little")
    wheel.write_bytes(data)
    with pytest.raises(InvalidDistributionError, match="10 bytes, and its archive says 1073741824"):
        unpacked(wheel)


def test_scripts_that_are_called_much_like_python_are_installed(
    tmp_path: Path, unpacked: Unpack
) -> None:
    """A console script is installed even if its name resembles an interpreter's."""
    points = b"[console_scripts]\npython-demo = demo:a\npythonic = demo:a\nipython3 = demo:a\n"
    folders = unpacked(write_wheel(tmp_path, {**FILES, f"{INFO}/entry_points.txt": points}))
    names = {path.name for path in folders["scripts"].iterdir()}
    assert names == {"python-demo", "pythonic", "ipython3"}


def test_a_file_that_only_the_record_has_is_missed(tmp_path: Path, unpacked: Unpack) -> None:
    """A wheel is refused if RECORD lists a file that is not in the archive."""
    lines = "".join(record_line(path, data) for path, data in FILES.items())
    record = lines + record_line("demo/more.py", b"") + f"{INFO}/RECORD,,\n"
    with pytest.raises(InvalidDistributionError, match=r"lists demo/more\.py"):
        unpacked(write_wheel(tmp_path, FILES, record=record))


def test_a_wrong_size_in_the_record_is_refused(tmp_path: Path, unpacked: Unpack) -> None:
    """A wheel with a wrong size in RECORD is refused."""
    lines = [record_line(path, data) for path, data in FILES.items()]
    lines[0] = lines[0].rpartition(",")[0] + ",999\n"
    with pytest.raises(InvalidDistributionError, match="not what its RECORD says"):
        unpacked(write_wheel(tmp_path, FILES, record="".join(lines)))


def test_an_archive_cut_short_is_refused(tmp_path: Path, unpacked: Unpack) -> None:
    """A truncated wheel is refused."""
    wheel = write_wheel(tmp_path, FILES)
    wheel.write_bytes(wheel.read_bytes()[:-40])
    with pytest.raises(InvalidDistributionError, match="is broken"):
        unpacked(wheel)
