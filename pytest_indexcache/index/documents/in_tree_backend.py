"""A build backend that is part of the project it builds, and that needs nothing but Python.

It copies the core metadata from the file ``METADATA`` next to it, and the modules from the
project's folder. The tag for wheels is read from the file ``TAG``, if it exists; ``{0}`` and
``{1}`` in this file stand for the major and minor version of Python. For each distribution that is
built, a line with the project, the kind of distribution and the version is appended to a log (PEP
517, PEP 660). The environment variable INDEXCACHE_BUILD_LOG contains the path of the log.

Every hook is called in a separate process, so each hook imports only the modules that it needs. The
backend must work in every Python version from 3.6 on, so annotations that older versions do not
support are quoted.
"""

# ruff: noqa: ARG001  # the hooks have the arguments that PEP 517 gives them

import os
import re
import sys
from pathlib import Path

BUILD_LOG = "INDEXCACHE_BUILD_LOG"
HERE = Path(__file__).resolve().parent
DATE = (1980, 1, 1, 0, 0, 0)
WHEEL_FILE = """\
Wheel-Version: 1.0
Generator: pytest-indexcache in-tree backend
Root-Is-Purelib: true
Tag: {}
"""


def get_requires_for_build_wheel(config_settings: object = None) -> "list[str]":
    """Return an empty list, because nothing is required to build a wheel."""
    return []


get_requires_for_build_sdist = get_requires_for_build_wheel
get_requires_for_build_editable = get_requires_for_build_wheel


def prepare_metadata_for_build_wheel(
    metadata_directory: str, config_settings: object = None
) -> str:
    """Write the wheel's ``.dist-info`` folder, and return the name of the folder."""
    name = f"{_stem()}.dist-info"
    folder = Path(metadata_directory, name)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "METADATA").write_bytes(_metadata())
    (folder / "WHEEL").write_bytes(_wheel_file())
    return name


prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel


def build_wheel(
    wheel_directory: str, config_settings: object = None, metadata_directory: "str | None" = None
) -> str:
    """Build a wheel that contains the modules, and return its filename."""
    return _write_wheel(wheel_directory, "wheel", {path: _read(path) for path in _modules()})


def build_editable(
    wheel_directory: str, config_settings: object = None, metadata_directory: "str | None" = None
) -> str:
    """Build a wheel that points to the project's folder, and return the wheel's filename."""
    pointer = f"{Path.cwd()}\n".encode()
    return _write_wheel(wheel_directory, "editable", {f"{_module()}.pth": pointer})


def build_sdist(sdist_directory: str, config_settings: object = None) -> str:
    """Build an sdist of the project, and return its filename."""
    import io
    import tarfile

    own = [HERE / "METADATA", Path(__file__).resolve(), Path.cwd() / "pyproject.toml"]
    own += [HERE / "TAG"] if (HERE / "TAG").is_file() else []
    paths = [*_modules(), *(path.relative_to(Path.cwd()).as_posix() for path in own)]
    files = {"PKG-INFO": _metadata(), **{path: _read(path) for path in paths}}
    with tarfile.open(Path(sdist_directory, f"{_stem()}.tar.gz"), "w:gz") as archive:
        for path, data in files.items():
            member = tarfile.TarInfo(f"{_stem()}/{path}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    _log("sdist")
    return f"{_stem()}.tar.gz"


def _metadata() -> bytes:
    return (HERE / "METADATA").read_bytes()


def _tag() -> str:
    tag = HERE / "TAG"
    text = tag.read_text() if tag.is_file() else "py3-none-any"
    return text.format(*sys.version_info)


def _wheel_file() -> bytes:
    return WHEEL_FILE.format(_tag()).encode()


def _field(name: str) -> str:
    match = re.search(rf"^{name}: (.+)$", _metadata().decode("utf-8"), re.MULTILINE)
    if match is None:
        raise ValueError(f"METADATA beside the build backend has no {name}")
    return match.group(1)


def _module() -> str:
    return re.sub(r"[-_.]+", "_", _field("Name")).lower()


def _stem() -> str:
    return f"{_module()}-{_field('Version')}"


def _modules() -> "list[str]":
    name = _module()
    paths = [Path(f"{name}.py"), *Path(name).rglob("*.py")]
    found = sorted(path.as_posix() for path in paths if path.is_file())
    if not found:
        raise ValueError(f"there is neither {name}.py nor a package {name}")
    return found


def _write_wheel(directory: str, what: str, files: "dict[str, bytes]") -> str:
    import zipfile

    dist_info = f"{_stem()}.dist-info"
    files = {**files, f"{dist_info}/METADATA": _metadata(), f"{dist_info}/WHEEL": _wheel_file()}
    lines = [f"{path},sha256={_digest(data)},{len(data)}\n" for path, data in files.items()]
    files[f"{dist_info}/RECORD"] = "".join([*lines, f"{dist_info}/RECORD,,\n"]).encode()
    filename = f"{_stem()}-{_tag()}.whl"
    with zipfile.ZipFile(Path(directory, filename), "w") as archive:
        for path, data in files.items():
            member = zipfile.ZipInfo(path, DATE)
            member.external_attr = 0o100644 << 16
            archive.writestr(member, data)
    _log(what)
    return filename


def _digest(data: bytes) -> str:
    import base64
    import hashlib

    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")


def _read(path: str) -> bytes:
    return Path(path).read_bytes()


def _log(what: str) -> None:
    log = os.environ.get(BUILD_LOG)
    if log:
        project = _module().replace("_", "-")
        with Path(log).open("ab") as file:
            file.write(f"{project} {what} {_field('Version')}\n".encode())
