"""Unpack a wheel into a staging folder and check all of it, before a venv is changed."""

from __future__ import annotations

import configparser
import csv
import errno
import os
import posixpath
import re
import stat
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Final, cast

from installer import install
from installer.destinations import SchemeDictionaryDestination
from installer.exceptions import InstallerError
from installer.records import InvalidRecordEntry, RecordEntry, parse_record_file
from installer.scripts import InvalidScript
from installer.sources import WheelContentElement, WheelFile
from installer.utils import Scheme, get_launcher_kind
from packaging.metadata import parse_email
from packaging.utils import canonicalize_name, canonicalize_version

from pytest_indexcache.errors import InvalidDistributionError, ReferenceInstallerError
from pytest_indexcache.system.archives import BROKEN_ARCHIVE, is_broken

_SIGNATURES: Final = ("RECORD.jws", "RECORD.p7s")
_LONGEST_NAME: Final = 255  # bytes; the limit of the usual file systems
_SAFE_HASHES: Final = frozenset({"sha256", "sha384", "sha512"})
_PYTHONS: Final = re.compile(r"pythonw?(?:\d+(?:\.\d+)*)?(?:\.exe)?", re.IGNORECASE)
# The exceptions of zipfile, configparser and the installer library for broken wheels.
_BROKEN: Final = (
    *BROKEN_ARCHIVE,
    InstallerError,
    InvalidRecordEntry,
    InvalidScript,
    OSError,
    configparser.Error,
    csv.Error,
)


def unpack(
    wheel: Path,
    scheme: Mapping[str, str],
    python: Path,
    extra_files: Mapping[str, bytes],
    *,
    ignore_crc: bool = False,
) -> None:
    """Unpack a wheel with pypa/installer into the folders of a scheme.

    Scripts get a shebang line for ``python``; ``extra_files`` are added to dist-info. The wheel is
    checked while it is unpacked: each file must have the right CRC, and RECORD must list its hash.
    If several wheels contain the same file, the last one wins. After an error, the target folders
    must not be used any more.

    :raises InvalidDistributionError: if the wheel is broken
    :raises ReferenceInstallerError: if a file in the wheel is a folder in another wheel
    """
    destination = _Destination(dict(scheme), str(python), get_launcher_kind())
    destination.wheel = wheel.name
    try:
        with zipfile.ZipFile(wheel) as archive:
            source = _CheckedWheel(archive)
            source.ignores_crc = ignore_crc
            source.check_identity()
            install(source, destination, dict(extra_files))
    except AssertionError as error:  # raised by the installer library, without a message
        raise InvalidDistributionError(
            f"{wheel.name} is broken: its entry_points.txt names a script that is not MODULE:NAME",
            hint="its publisher must publish it again; nothing of it was installed",
        ) from error
    except _BROKEN as error:
        if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
            raise ReferenceInstallerError(
                f"{wheel.name} has a file whose path in this venv is too long for the disk",
                hint="use a venv in a folder with a shorter path, or ask for another release",
            ) from error
        if isinstance(error, OSError) and not is_broken(error):
            raise
        raise InvalidDistributionError(
            f"{wheel.name} is broken: {_reason(error)}",
            hint="its publisher must publish it again; nothing of it was installed",
        ) from error


def _reason(error: Exception) -> str:
    """Return the last argument of an error from the installer library, which is the reason."""
    if isinstance(error, InstallerError):
        texts = [argument for argument in error.args if isinstance(argument, str)]
        return texts[-1] if texts else type(error).__name__
    return str(error) or type(error).__name__


class _CheckedWheel(WheelFile):
    """A wheel that is checked against its RECORD while it is read."""

    ignores_crc = False

    def check_identity(self) -> None:
        """Check that the filename, dist-info and METADATA contain the same name and version.

        :raises ValueError: if they differ, or if there are bytes before the archive, because tools
            that read a zip file from its beginning could then see other files than tools that read
            it from its end
        """
        if min((item.header_offset for item in self._zipfile.infolist()), default=0) > 0:
            raise ValueError("its archive does not start at the beginning of the file")
        fields, _ = parse_email(self.read_dist_info("METADATA"))
        name, version = fields.get("name", ""), fields.get("version", "")
        expected = self.version.replace("_", "+")
        if _canonical(name, version) != _canonical(self.distribution, expected):
            raise ValueError(f"its METADATA is that of {name or 'nothing'} {version}")
        folder_name, _, folder_version = self.dist_info_dir.removesuffix(".dist-info").partition(
            "-"
        )
        if _canonical(folder_name, folder_version.replace("_", "+")) != _canonical(name, version):
            raise ValueError(f"its folder {self.dist_info_dir} is that of another release")

    def get_contents(self) -> Iterator[WheelContentElement]:
        lines = self.read_dist_info("RECORD").splitlines()
        record = {row[0]: row for row in parse_record_file(lines)}
        own = f"{self.dist_info_dir}/RECORD"
        names = set(self._zipfile.namelist())
        for item in self._zipfile.infolist():
            path = item.filename
            if path.endswith("/"):
                continue
            _check_path(path)
            _check_folders(path, names)
            row = record.pop(path, None)
            if path == own or path in (f"{self.dist_info_dir}/{name}" for name in _SIGNATURES):
                continue
            if row is None or not row[1]:
                raise ValueError(f"its RECORD has no hash of {path}")
            if "/__pycache__/" in f"/{path}":  # byte code can differ from its module
                continue
            # "urlsafe-base64-nopad", which some tools pad nevertheless
            row = (row[0], row[1].rstrip("="), row[2])
            entry = RecordEntry.from_elements(*row)
            # Binary distribution format: "The hash algorithm must be sha256 or better".
            if entry.hash_ is None or entry.hash_.name not in _SAFE_HASHES:
                raise ValueError(f"its RECORD has {row[1].partition('=')[0]} of {path}, not sha256")
            with self._zipfile.open(item) as opened:
                if self.ignores_crc:
                    vars(opened)["_expected_crc"] = None
                stream = cast("BinaryIO", opened)
                if not entry.validate_stream(stream):
                    raise ValueError(f"{path} is not what its RECORD says")
                if stream.tell() != item.file_size:  # other tools may rely on the archive's size
                    size = f"{stream.tell()} bytes, and its archive says {item.file_size}"
                    raise ValueError(f"{path} has {size}")
                stream.seek(0)
                yield row, stream, _is_executable(item)
        missing = sorted(record.keys() - {own})
        if missing:
            raise ValueError(f"its RECORD lists {missing[0]}, which it does not have")


def _canonical(name: str, version: str) -> tuple[str, str]:
    return canonicalize_name(name), canonicalize_version(version)


def _check_path(path: str) -> None:
    is_outside = path in (".", "..") or path.startswith(("/", "../"))
    if is_outside or path != posixpath.normpath(path) or "\\" in path:
        raise ValueError(f"it has a file named {path}")
    first, *inner = path.split("/")
    if first.endswith(".data") and any(part.lower().endswith(".dist-info") for part in inner):
        raise ValueError(f"it has {path}, which would say that something else is installed")
    longest = max(len(os.fsencode(part)) for part in path.split("/"))
    if longest > _LONGEST_NAME:
        raise ValueError(f"it has a file whose name has {longest} bytes: {path[:40]}…")


def _check_folders(path: str, names: Collection[str]) -> None:
    folder = path.rpartition("/")[0]
    while folder:
        if folder in names:
            raise ValueError(f"it has {folder} as a file and as a folder")
        folder = folder.rpartition("/")[0]


def _is_executable(item: zipfile.ZipInfo) -> bool:
    mode = item.external_attr >> 16
    return bool(mode and stat.S_ISREG(mode) and mode & 0o111)


class _Destination(SchemeDictionaryDestination):
    """Writes the files in a wheel, but never over the venv's Python or its ``pyvenv.cfg``."""

    wheel = ""

    def write_to_fs(
        self, scheme: Scheme, path: str, stream: BinaryIO, is_executable: bool
    ) -> RecordEntry:
        _check_path(path)
        target = Path(self.scheme_dict[scheme], path)
        if target.parent == Path(self.scheme_dict["scripts"]) and _PYTHONS.fullmatch(target.name):
            raise ValueError(f"it has a script {target.name}, which would replace that of the venv")
        if target == Path(self.scheme_dict["data"], "pyvenv.cfg"):
            raise ValueError("it has a pyvenv.cfg, which would replace that of the venv")
        try:
            if target.is_file():
                target.unlink()
            return super().write_to_fs(scheme, path, stream, is_executable or scheme == "scripts")
        except (FileExistsError, IsADirectoryError, NotADirectoryError) as error:
            raise ReferenceInstallerError(
                f"{self.wheel}: {path} is a file of one wheel and a folder of another",
                hint="install only one of the two",
            ) from error

    def finalize_installation(
        self,
        scheme: Scheme,
        record_file_path: str,
        records: Iterable[tuple[Scheme, RecordEntry]],
    ) -> None:
        # purelib and platlib are one folder, so RECORD must name its files in one way.
        root = self.scheme_dict[scheme]
        named = [
            (scheme if self.scheme_dict[record] == root else record, row) for record, row in records
        ]
        super().finalize_installation(scheme, record_file_path, named)
