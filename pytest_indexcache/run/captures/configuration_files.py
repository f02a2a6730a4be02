"""The configuration files of uv, pip and PDM that a capture reads, and their order."""

from __future__ import annotations

import configparser
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pytest_indexcache.data_formats import loads_toml
from pytest_indexcache.errors import CommandError

_MACHINE: Final = ("/etc/xdg/uv/uv.toml", "/etc/uv/uv.toml")
_MACHINE_PIP: Final = ("/etc/xdg/pip/pip.conf", "/etc/pip.conf")
_PIP_NAME: Final = "pip.ini" if sys.platform == "win32" else "pip.conf"
_MOST_BYTES: Final = 1 << 20


@dataclass(frozen=True)
class ConfigurationFile:
    """A parsed configuration file.

    ``is_machines`` is true for a machine-wide file.
    """

    place: str
    data: Mapping[str, Any]
    is_machines: bool = False


def user_folder(environment: Mapping[str, str], name: str) -> Path | None:
    """Return the folder for a program's user settings; None if there is no home folder."""
    home = environment.get("HOME") or environment.get("USERPROFILE", "")
    base = environment.get("XDG_CONFIG_HOME", "")
    if base:
        return Path(base) / name
    return Path(home) / ".config" / name if home else None


def toml_settings(
    files: Iterable[Path], *, is_machines: bool = False
) -> Iterator[ConfigurationFile]:
    """Yield the settings of the TOML files that exist.

    :raises CommandError: if a file cannot be read, or is not TOML
    """
    for file in files:
        text = _text(file)
        if text is None:
            continue
        try:
            yield ConfigurationFile(shown_path(file), loads_toml(text), is_machines)
        except ValueError as error:
            raise CommandError(f"{shown_path(file)} is not valid TOML: {error}") from None


def uv_files(folder: Path, environment: Mapping[str, str]) -> Iterator[ConfigurationFile]:
    """Yield uv's configuration files outside the project: the user's, then the machine's.

    ``UV_CONFIG_FILE`` replaces all these files, and ``UV_NO_CONFIG`` excludes them.

    :raises CommandError: if the file in ``UV_CONFIG_FILE`` does not exist, or if a file is not TOML
    """
    if environment.get("UV_NO_CONFIG", "").lower() in ("1", "true", "yes"):
        return
    named = environment.get("UV_CONFIG_FILE", "")
    if named:
        yield from toml_settings([_there(folder / named, "UV_CONFIG_FILE")])
        return
    own = user_folder(environment, "uv")
    yield from toml_settings([own / "uv.toml"] if own is not None else [])
    yield from toml_settings(map(Path, _MACHINE), is_machines=True)


def pip_files(folder: Path, environment: Mapping[str, str]) -> Iterator[ConfigurationFile]:
    """Yield pip's configuration files in pip's order: a later file overrides earlier files.

    ``PIP_CONFIG_FILE`` replaces the user's files. If it names the null device, no file is read.

    :raises CommandError: if the file in ``PIP_CONFIG_FILE`` does not exist, or if a file is not
        valid
    """
    named = environment.get("PIP_CONFIG_FILE", "")
    if named == os.devnull:
        return
    yield from _ini_settings(map(Path, _MACHINE_PIP), is_machines=True)
    home, own = environment.get("HOME", ""), user_folder(environment, "pip")
    if not named:
        users = [Path(home) / ".pip" / _PIP_NAME] if home else []
        yield from _ini_settings([*users, *([own / _PIP_NAME] if own is not None else [])])
    venv = environment.get("VIRTUAL_ENV", "")
    yield from _ini_settings([(Path(venv) if venv else folder / ".venv") / _PIP_NAME])
    if named:
        yield from _ini_settings([_there(folder / named, "PIP_CONFIG_FILE")])


def pip_settings(data: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return the settings for ``pip install``: ``[install]`` takes precedence over ``[global]``."""
    tables = [data.get(name, {}) for name in ("global", "install")]
    return {key.replace("_", "-"): value for table in tables for key, value in table.items()}


def shown_path(file: Path) -> str:
    """Return a path in the form shown to the user, with ``~`` for the home folder."""
    try:
        return f"~/{file.relative_to(Path.home())}"
    except (ValueError, RuntimeError):
        return str(file)


def _ini_settings(
    files: Iterable[Path], *, is_machines: bool = False
) -> Iterator[ConfigurationFile]:
    for file in files:
        text = _text(file)
        if text is None:
            continue
        parser = configparser.RawConfigParser()
        try:
            parser.read_string(text)
        except configparser.Error as error:
            said = str(error).replace("<string>", file.name).splitlines()[0]
            raise CommandError(f"{shown_path(file)} is not valid: {said}") from None
        data = {name: dict(parser.items(name)) for name in parser.sections()}
        yield ConfigurationFile(shown_path(file), data, is_machines)


def _there(file: Path, variable: str) -> Path:
    if not file.is_file():
        raise CommandError(f"there is no file {shown_path(file)}, which {variable} names")
    return file


def _text(file: Path) -> str | None:
    """Return the text of a file, or None if there is no file or access to it is denied.

    :raises CommandError: if reading the file fails for another reason, or if it is not UTF-8
    """
    try:
        with file.open("rb") as opened:
            return opened.read(_MOST_BYTES).decode()
    except (FileNotFoundError, NotADirectoryError, PermissionError, IsADirectoryError):
        return None
    except OSError as error:
        raise CommandError(
            f"{shown_path(file)} cannot be read: {error.strerror or error}"
        ) from None
    except UnicodeDecodeError:
        raise CommandError(f"{shown_path(file)} cannot be read: it is not UTF-8") from None
