"""Unpacking a wheel into a staging folder, every byte of it checked, before a venv is touched."""

from __future__ import annotations

import configparser
import csv
import hashlib
import io
import os
import posixpath
import re
import stat
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, Final, cast

from installer import install
from installer.destinations import WheelDestination
from installer.exceptions import InstallerError
from installer.records import Hash, InvalidRecordEntry, RecordEntry, parse_record_file
from installer.scripts import InvalidScript, Script
from installer.sources import WheelContentElement, WheelFile
from installer.utils import Scheme, construct_record_file, get_launcher_kind
from packaging.utils import canonicalize_name, canonicalize_version

from pytest_indexcache.errors import InvalidDistributionError
from pytest_indexcache.reference.install.staging import Stage
from pytest_indexcache.reference.words.archives import BROKEN_ARCHIVE, is_broken

if TYPE_CHECKING:
    from installer.scripts import ScriptSection

_PIECE: Final = 1 << 20
_SIGNATURES: Final = ("RECORD.jws", "RECORD.p7s")
_LONGEST_NAME: Final = 255  # bytes that the usual file systems allow
_SAFE_HASHES: Final = frozenset({"sha256", "sha384", "sha512"})
_PYTHONS: Final = re.compile(r"pythonw?(?:\d+(?:\.\d+)*)?(?:\.exe)?", re.IGNORECASE)
# What the archive, configparser and the installer library raise for wheels that are broken.
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
    stage: Stage,
    scheme: Mapping[str, str],
    python: Path,
    extra_files: Mapping[str, bytes],
) -> None:
    """Unpack a wheel by pypa/installer onto a stage, as it shall look in the scheme's folders.

    Scripts shall start ``python``; ``extra_files`` are added to dist-info. What the wheel
    specification demands is checked on the way: CRCs, and that each file is mentioned in RECORD
    with the hash that it has. Where several wheels have the same file, it is that of the last
    one. A stage on which a wheel failed is of no use any more.

    :raises InvalidDistributionError: if the wheel is broken
    """
    destination = _Destination(stage, scheme, python)
    try:
        with _open_archive(wheel) as archive:
            source = _CheckedWheel(archive)
            source.check_identity()
            install(source, destination, dict(extra_files))
    except AssertionError as error:  # the installer library's, without a word
        raise InvalidDistributionError(
            f"{wheel.name} is broken: its entry_points.txt names a script that is not MODULE:NAME",
            hint="whoever published it must publish it again; nothing was installed of it",
        ) from error
    except _BROKEN as error:
        if isinstance(error, OSError) and not is_broken(error):
            raise
        raise InvalidDistributionError(
            f"{wheel.name} is broken: {_reason(error)}",
            hint="whoever published it must publish it again; nothing was installed of it",
        ) from error


def _reason(error: Exception) -> str:
    """Return what is wrong; the installer library has its objects before the sentence."""
    if isinstance(error, InstallerError):
        texts = [it for it in error.args if isinstance(it, str)]
        return texts[-1] if texts else type(error).__name__
    return str(error) or type(error).__name__


def _open_archive(wheel: Path) -> zipfile.ZipFile:
    # To find its way about in a small file takes longer than to read it whole.
    with open(wheel, "rb") as file:
        if os.fstat(file.fileno()).st_size > _PIECE:
            return zipfile.ZipFile(wheel)
        data = file.read()
    archive = zipfile.ZipFile(io.BytesIO(data))
    archive.filename = str(wheel)
    return archive


class _CheckedWheel(WheelFile):
    """A wheel that is compared with its RECORD while it is read; its dist-info is read once."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        super().__init__(archive)
        self._read: dict[str, bytes] = {}

    @property
    def dist_info_filenames(self) -> list[str]:
        """The names of the files in dist-info."""
        folder = f"{self.dist_info_dir}/"
        names = (name for name in self._zipfile.namelist() if name.startswith(folder))
        return [name.removeprefix(folder) for name in names if not name.endswith("/")]

    def read_dist_info(self, filename: str) -> str:
        """Return the text of a file in dist-info."""
        path = f"{self.dist_info_dir}/{filename}"
        if path not in self._read:
            self._read[path] = self._zipfile.read(path)
        return self._read[path].decode("utf-8")

    def check_identity(self) -> None:
        """Compare name and version of METADATA and of dist-info with those of the file's name.

        :raises ValueError: if they differ, or if the archive is behind something else: tools that
            read from the front would see other files than those that read from the end
        """
        if min((item.header_offset for item in self._zipfile.infolist()), default=0) > 0:
            raise ValueError("its archive does not begin at the beginning of the file")
        header, _, _ = self.read_dist_info("METADATA").replace("\r\n", "\n").partition("\n\n")
        fields: dict[str, str] = {}
        for line in header.split("\n"):
            if not line.startswith((" ", "\t")):  # else it goes on with the field before it
                key, _, value = line.partition(":")
                fields.setdefault(key.lower(), value.strip())
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
            if "/__pycache__/" in f"/{path}":  # byte code could differ from the module beside it
                continue
            entry = RecordEntry.from_elements(*row)
            # Binary distribution format: "The hash algorithm must be sha256 or better".
            if entry.hash_ is None or entry.hash_.name not in _SAFE_HASHES:
                raise ValueError(f"its RECORD has {row[1].partition('=')[0]} of {path}, not sha256")
            with self._open(item) as stream:
                checked = _CheckedStream(cast("BinaryIO", stream), entry, item.file_size)
                yield row, cast("BinaryIO", checked), _is_executable(item)
        missing = sorted(record.keys() - {own})
        if missing:
            raise ValueError(f"its RECORD lists {missing[0]}, which it does not hold")

    def _open(self, item: zipfile.ZipInfo) -> IO[bytes]:
        data = self._read.get(item.filename)
        return self._zipfile.open(item) if data is None else io.BytesIO(data)


@lru_cache(maxsize=256)
def _canonical(name: str, version: str) -> tuple[str, str]:
    return canonicalize_name(name), canonicalize_version(version)


def _check_path(path: str) -> None:
    if path != posixpath.normpath(path) or path.startswith(("/", "../")) or "\\" in path:
        raise ValueError(f"it holds a file of the name {path}")
    first, *inner = path.split("/")
    if first.endswith(".data") and any(part.lower().endswith(".dist-info") for part in inner):
        raise ValueError(f"it holds {path}, which would say that something else is installed")
    if len(path) > _LONGEST_NAME:
        longest = max(len(os.fsencode(part)) for part in path.split("/"))
        if longest > _LONGEST_NAME:
            raise ValueError(f"it holds a file whose name has {longest} bytes: {path[:40]}…")


def _check_folders(path: str, names: Collection[str]) -> None:
    folder = path.rpartition("/")[0]
    while folder:
        if folder in names:
            raise ValueError(f"it holds {folder} as a file and as a folder")
        folder = folder.rpartition("/")[0]


def _check_script(file_name: str) -> None:
    if _PYTHONS.fullmatch(file_name):
        raise ValueError(f"it has a script {file_name}, which would replace that of the venv")


def _is_executable(item: zipfile.ZipInfo) -> bool:
    mode = item.external_attr >> 16
    return bool(mode and stat.S_ISREG(mode) and mode & 0o111)


class _CheckedStream:
    """A file in a wheel; its end is compared with what RECORD and the archive say of it.

    ``size`` is that of the archive's directory, which zipfile reads no further than.
    """

    def __init__(self, stream: BinaryIO, entry: RecordEntry, size: int) -> None:
        self.entry = entry
        self._size = size
        self._stream = stream
        assert entry.hash_ is not None
        self._hash = hashlib.new(entry.hash_.name)
        self._length = 0

    def pieces(self) -> Iterator[bytes]:
        """Yield the content; raise ValueError at its end if it is not what was recorded."""
        while piece := self._stream.read(_PIECE):
            self._hash.update(piece)
            self._length += len(piece)
            yield piece
        digest = urlsafe_b64encode(self._hash.digest()).decode("ascii").rstrip("=")
        assert self.entry.hash_ is not None
        if digest != self.entry.hash_.value.rstrip("=") or self.entry.size not in (
            None,
            self._length,
        ):
            raise ValueError(f"{self.entry.path} is not what its RECORD says")
        if self._length != self._size:  # other tools may go by the size of the archive
            raise ValueError(
                f"{self.entry.path} has {self._length} bytes, and its archive says {self._size}"
            )


class _Destination(WheelDestination):
    """Writes the files of one wheel onto a stage."""

    def __init__(self, stage: Stage, scheme: Mapping[str, str], python: Path) -> None:
        self._stage = stage
        self._scheme = scheme
        self._python = str(python)

    def write_script(
        self, name: str, module: str, attr: str, section: ScriptSection
    ) -> RecordEntry:
        script = Script(name, module, attr, section)
        file_name, data = script.generate(self._python, get_launcher_kind())
        _check_path(file_name)
        _check_script(file_name)
        return self._write_bytes(Scheme("scripts"), file_name, data, executable=True)

    def write_file(
        self, scheme: Scheme, path: str | os.PathLike[str], stream: BinaryIO, is_executable: bool
    ) -> RecordEntry:
        name = os.fspath(path)
        if scheme in ("scripts", "data"):
            self._check_place(scheme, name)
        if not isinstance(stream, _CheckedStream):
            return self._write_bytes(scheme, name, stream.read(), executable=is_executable)
        if scheme == "scripts":
            data = _fix_shebang(b"".join(stream.pieces()), self._python)
            return self._write_bytes(scheme, name, data, executable=True)
        size = self._write(scheme, name, stream.pieces(), executable=is_executable)
        return RecordEntry(name, stream.entry.hash_, size)

    def _check_place(self, scheme: Scheme, name: str) -> None:
        """Raise ValueError for a file in the place of one that makes the venv a venv."""
        folder, file_name = os.path.split(os.path.join(self._scheme[scheme], name))
        if folder == self._scheme["scripts"]:
            _check_script(file_name)
        if folder == self._scheme["data"] and file_name.lower() == "pyvenv.cfg":
            raise ValueError("it holds a pyvenv.cfg, which would replace that of the venv")

    def finalize_installation(
        self,
        scheme: Scheme,
        record_file_path: str,
        records: Iterable[tuple[Scheme, RecordEntry]],
    ) -> None:
        root = self._scheme[scheme]

        def prefix(file_scheme: str) -> str | None:
            if self._scheme[file_scheme] == root:
                return None
            return os.path.relpath(self._scheme[file_scheme], root) + "/"

        with construct_record_file(list(records), prefix) as stream:
            self._write_bytes(scheme, record_file_path, stream.read(), executable=False)

    def _write_bytes(
        self, scheme: Scheme, path: str, data: bytes, *, executable: bool
    ) -> RecordEntry:
        self._write(scheme, path, (data,), executable=executable)
        digest = urlsafe_b64encode(hashlib.sha256(data).digest()).decode("ascii").rstrip("=")
        return RecordEntry(path, Hash("sha256", digest), len(data))

    def _write(
        self, scheme: Scheme, path: str, pieces: Iterable[bytes], *, executable: bool
    ) -> int:
        """Write a file and return its length; most are small, so nothing is buffered."""
        place = self._scheme[scheme]
        descriptor = self._stage.open(place, path, executable=executable)
        size = 0
        try:
            for piece in pieces:
                size += len(piece)
                while piece:
                    piece = piece[os.write(descriptor, piece) :]  # noqa: PLW2901 - what is left
        finally:
            os.close(descriptor)
        return size


def _fix_shebang(script: bytes, python: str) -> bytes:
    first, newline, rest = script.partition(b"\n")
    if not first.startswith(b"#!python"):
        return script
    return b"#!" + os.fsencode(python) + newline + rest
