"""What lockfiles say: ``uv.lock``, ``poetry.lock``, ``pdm.lock`` and ``pylock.toml``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from pytest_indexcache.data_formats import loads_toml
from pytest_indexcache.errors import PlayError
from pytest_indexcache.installers.contract.installer import LockedPackage

Locked = dict[str, tuple[LockedPackage, ...]]
_Reader = Callable[[Mapping[str, Any]], Iterable[tuple[str, LockedPackage]]]


def read_uv_lock(file: Path) -> Locked:
    """Read ``uv.lock``; the project itself, which has no index, is among the packages."""
    return _read(file, _uv_packages)


def read_poetry_lock(file: Path, default_index: str) -> Locked:
    """Read ``poetry.lock``, in which packages of the default index name no source."""
    return _read(file, lambda document: _poetry_packages(document, default_index))


def read_pdm_lock(file: Path) -> Locked:
    """Read ``pdm.lock``, which names no index."""
    return _read(file, _pdm_packages)


def read_pylock(file: Path) -> Locked:
    """Read ``pylock.toml`` (PEP 751)."""
    return _read(file, _pylock_packages)


def _read(file: Path, packages: _Reader) -> Locked:
    """Collect packages by project; empty where there is no file.

    :raises PlayError: if the file is no lockfile
    """
    try:
        document = loads_toml(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise PlayError(
            f"the installer wrote a lockfile that cannot be read as TOML: {file}: {error}"
        ) from error
    found: dict[str, list[LockedPackage]] = {}
    try:
        for name, package in packages(document):
            found.setdefault(canonicalize_name(name), []).append(package)
    except (KeyError, TypeError, AttributeError) as error:
        raise PlayError(
            f"{file.name} is not laid out as is known here: {error!r}",
            "an installer may have changed the format of its lockfile: see the file",
        ) from error
    return {name: tuple(many) for name, many in found.items()}


def _uv_packages(document: Mapping[str, Any]) -> Iterable[tuple[str, LockedPackage]]:
    for package in document.get("package", ()):
        files = [*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else [])]
        index = package["source"].get("registry")
        hashed = bool(files) and all(file.get("hash") for file in files)
        yield package["name"], LockedPackage(package.get("version"), hashed, index)


def _poetry_packages(
    document: Mapping[str, Any], default_index: str
) -> Iterable[tuple[str, LockedPackage]]:
    for package in document.get("package", ()):
        source = package.get("source", {})
        kind = source.get("type", "legacy")
        index = source.get("url", default_index) if kind == "legacy" else None
        hashed = _hashed(package, document, package["name"])
        yield package["name"], LockedPackage(package["version"], hashed, index)


def _pdm_packages(document: Mapping[str, Any]) -> Iterable[tuple[str, LockedPackage]]:
    for package in document.get("package", ()):
        # A package with extras stands there again for each set of them, with the same files.
        if not package.get("extras"):
            key = f"{package['name']} {package['version']}"
            hashed = _hashed(package, document, key)
            yield package["name"], LockedPackage(package["version"], hashed, None)


def _hashed(package: Mapping[str, Any], document: Mapping[str, Any], key: str) -> bool:
    """Whether each file has a hash; early releases list the files of all packages at the end."""
    at_the_end = document.get("metadata", {}).get("files", {})
    files = package.get("files") or at_the_end.get(key, ())
    return bool(files) and all(file.get("hash") for file in files)


def _pylock_packages(document: Mapping[str, Any]) -> Iterable[tuple[str, LockedPackage]]:
    for package in document.get("packages", ()):
        files = [*package.get("wheels", ())]
        files += [package[kind] for kind in ("sdist", "archive") if kind in package]
        hashed = bool(files) and all(file.get("hashes") for file in files)
        index = package.get("index")
        yield package["name"], LockedPackage(package.get("version"), hashed, index)
