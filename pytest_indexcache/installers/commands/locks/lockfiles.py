"""Parse the lockfiles of installers, and compiled requirements files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from pytest_indexcache.data_formats import loads_toml
from pytest_indexcache.errors import PlayError
from pytest_indexcache.installers.contract.installer import LockedFile, LockedPackage

Locked = dict[str, tuple[LockedPackage, ...]]
_Reader = Callable[[Mapping[str, Any]], Iterable[tuple[str, LockedPackage]]]


def read_uv_lock(file: Path) -> Locked:
    """Return the packages in ``uv.lock``, including the project itself, which has no index."""
    return _read(file, _uv_packages)


def read_poetry_lock(file: Path, default_index: str) -> Locked:
    """Return the packages in ``poetry.lock``; those without a source get the default index."""
    return _read(file, lambda document: _poetry_packages(document, default_index))


def read_pdm_lock(file: Path) -> Locked:
    """Return the packages in ``pdm.lock``; they have no index, because PDM does not record it."""
    return _read(file, _pdm_packages)


def read_pylock(file: Path) -> Locked:
    """Return the packages in ``pylock.toml`` (PEP 751)."""
    return _read(file, _pylock_packages)


def read_compiled(file: Path) -> Locked:
    """Return the packages in a compiled requirements file, or in a ``pylock.toml``."""
    if file.suffix == ".toml":
        return read_pylock(file)
    try:
        return _by_project(_requirements_packages(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}


def _read(file: Path, packages: _Reader) -> Locked:
    """Return the packages in a lockfile, keyed by project; empty if the file does not exist.

    :raises PlayError: if the file is not a valid lockfile
    """
    try:
        document = loads_toml(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise PlayError(
            f"the installer wrote a lockfile that cannot be read as TOML: {file}: {error}"
        ) from error
    try:
        return _by_project(packages(document))
    except (KeyError, TypeError, AttributeError) as error:
        raise PlayError(
            f"{file.name} is not laid out as is known here: {error!r}",
            "an installer may have changed the format of its lockfile: check the file",
        ) from error


def _by_project(packages: Iterable[tuple[str, LockedPackage]]) -> Locked:
    found: Locked = {}
    for name, package in packages:
        project = canonicalize_name(name)
        found[project] = (*found.get(project, ()), package)
    return found


def _uv_packages(document: Mapping[str, Any]) -> Iterable[tuple[str, LockedPackage]]:
    for package in document.get("package", ()):
        listed = [*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else [])]
        index = package["source"].get("registry")
        files = tuple(map(_file, listed))
        yield package["name"], LockedPackage(package.get("version"), index, files)


def _poetry_packages(
    document: Mapping[str, Any], default_index: str
) -> Iterable[tuple[str, LockedPackage]]:
    for package in document.get("package", ()):
        source = package.get("source", {})
        kind = source.get("type", "legacy")
        index = source.get("url", default_index) if kind == "legacy" else None
        files = _files(package, document, package["name"])
        yield package["name"], LockedPackage(package["version"], index, files)


def _pdm_packages(document: Mapping[str, Any]) -> Iterable[tuple[str, LockedPackage]]:
    for package in document.get("package", ()):
        # A package with extras has an entry for each set of extras, with the same files.
        if not package.get("extras"):
            key = f"{package['name']} {package['version']}"
            files = _files(package, document, key)
            yield package["name"], LockedPackage(package["version"], None, files)


def _files(
    package: Mapping[str, Any], document: Mapping[str, Any], key: str
) -> tuple[LockedFile, ...]:
    """Return the files of a package.

    Early lockfile formats list the files of all packages in one table at the end, in which ``key``
    identifies the package.
    """
    at_the_end = document.get("metadata", {}).get("files", {})
    return tuple(map(_file, package.get("files") or at_the_end.get(key, ())))


def _pylock_packages(document: Mapping[str, Any]) -> Iterable[tuple[str, LockedPackage]]:
    for package in document.get("packages", ()):
        listed = [*package.get("wheels", ())]
        listed += [package[kind] for kind in ("sdist", "archive") if kind in package]
        index = package.get("index")
        yield (
            package["name"],
            LockedPackage(package.get("version"), index, tuple(map(_file, listed))),
        )


def _file(listed: Mapping[str, Any]) -> LockedFile:
    """Parse an entry for a file; the keys of such an entry differ between lockfile formats."""
    url = listed.get("url")
    hashes = [f"{name}:{digest}" for name, digest in listed.get("hashes", {}).items()]
    hashes += [listed["hash"]] if listed.get("hash") else []
    named = next((listed[key] for key in ("name", "file", "filename") if key in listed), None)
    place = unquote(urlsplit(url).path) if url else listed.get("path", "")
    return LockedFile(named or place.rpartition("/")[2], tuple(sorted(hashes)), url)


_HASH: Final = re.compile(r"--hash[= ](\S+)")


def _requirements_packages(text: str) -> Iterable[tuple[str, LockedPackage]]:
    for line in text.replace("\\\n", " ").splitlines():
        plain = re.sub(r"(^|\s)#.*$", "", line)
        try:
            requirement = Requirement(plain.partition(" --")[0].strip())
        except InvalidRequirement:  # an empty line, or an option
            continue
        pins = [
            specifier.version for specifier in requirement.specifier if specifier.operator == "=="
        ]
        files = tuple(LockedFile(hashes=(found,)) for found in _HASH.findall(plain))
        yield requirement.name, LockedPackage(next(iter(pins), None), None, files)
