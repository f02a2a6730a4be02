"""Read the indexes in a user's environment variables and configuration files.

Machine-wide files, such as ``/etc/pip.conf``, are read only on request, because their indexes may
not be meant for the project.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pytest_indexcache.drafts.captures.commands import NamedIndex
from pytest_indexcache.drafts.captures.projects import is_index_url
from pytest_indexcache.run.captures.configuration_files import (
    ConfigurationFile,
    pip_files,
    pip_settings,
    toml_settings,
    user_folder,
    uv_files,
)

_LINKS: Final = ("find-links", "no-index")


@dataclass(frozen=True)
class ConfiguredIndexes:
    """The indexes of a user's configuration, in the order in which an installer searches them.

    An installer searches ``before``, then the indexes of the project file, then ``after``.
    ``remarks`` names the settings that a capture leaves out.
    """

    before: tuple[NamedIndex, ...] = ()
    after: tuple[NamedIndex, ...] = ()
    remarks: tuple[str, ...] = ()


def configured_indexes(
    installer: str,
    folder: Path,
    environment: Mapping[str, str],
    *,
    is_pip: bool = False,
    with_machine: bool = False,
) -> ConfiguredIndexes:
    """Return the indexes that an installer would use in addition to those in the project file.

    ``is_pip`` is true for ``uv pip``, which reads a separate table of settings. With
    ``with_machine``, machine-wide files are read, too.

    :raises CommandError: if a file that a variable names cannot be read, or is not valid
    """
    find = {"uv": _of_uv, "pip": _of_pip, "pdm": _of_pdm}.get(installer)
    if find is None:
        return ConfiguredIndexes()
    found = list(find(folder, environment, is_pip))
    used = [each for each in found if with_machine or not each.is_machines]
    indexes = [index for each in used for index in each.indexes]
    remarks = [remark for each in used for remark in each.remarks]
    remarks += [
        f"the indexes of {each.place}, a file of the whole machine: read with --machine-config"
        for each in found
        if each.is_machines and each.indexes and not with_machine
    ]
    remarks += [
        f"an index of {index.place}, which is not at http or https"
        for index in indexes
        if not is_index_url(index.url)
    ]
    kept = [index for index in indexes if is_index_url(index.url)]
    before = [index for index in kept if index.place.startswith(("UV_", "PIP_"))]
    after = [index for index in kept if index not in before]
    return ConfiguredIndexes(tuple(before), tuple(after), tuple(remarks))


@dataclass(frozen=True)
class _Found:
    """The indexes and remarks found in one variable or file."""

    place: str
    indexes: Sequence[NamedIndex]
    remarks: Sequence[str] = ()
    is_machines: bool = False


def _variable(name: str, environment: Mapping[str, str], *, is_default: bool) -> Iterator[_Found]:
    words = environment.get(name, "").split()
    if words:
        yield _Found(name, [_index(word, name, is_default=is_default) for word in words])


def _index(text: str, place: str, *, is_default: bool) -> NamedIndex:
    """Return the index in a setting such as ``corp=https://pypi.example/simple``."""
    name, _, url = text.partition("=") if "=" in text.partition("://")[0] else ("", "", text)
    return NamedIndex(url, is_default, name, place)


def _of_uv(folder: Path, environment: Mapping[str, str], is_pip: bool) -> Iterator[_Found]:
    for name, is_default in (
        ("UV_INDEX", False),
        ("UV_EXTRA_INDEX_URL", False),
        ("UV_DEFAULT_INDEX", True),
        ("UV_INDEX_URL", True),
    ):
        yield from _variable(name, environment, is_default=is_default)
    for settings in uv_files(folder, environment):
        data = settings.data
        if is_pip and isinstance(data.get("pip"), dict):
            data = {**data, **data["pip"]}
        yield _Found(
            settings.place,
            list(_uv_indexes(data, settings.place)),
            list(_left_out(data, settings, {"index", "index-url", "extra-index-url", "pip"})),
            settings.is_machines,
        )


def _uv_indexes(data: Mapping[str, Any], place: str) -> Iterator[NamedIndex]:
    tables = data.get("index")
    for table in tables if isinstance(tables, list) else ():
        if isinstance(table, dict) and isinstance(table.get("url"), str):
            name = str(table.get("name", ""))
            is_explicit = table.get("explicit") is True
            is_default = table.get("default") is True
            yield NamedIndex(table["url"], is_default, name, place, is_explicit)
    for key, is_default in (("extra-index-url", False), ("index-url", True)):
        given = data.get(key)
        for url in given if isinstance(given, list) else [given]:
            if isinstance(url, str):
                yield NamedIndex(url, is_default, "", place)


def _of_pip(folder: Path, environment: Mapping[str, str], is_pip: bool) -> Iterator[_Found]:  # noqa: ARG001
    """Yield the indexes in pip's settings; a key in a later file replaces the earlier value."""
    chosen: dict[str, _Found] = {}
    machines: list[_Found] = []
    for settings in pip_files(folder, environment):
        for key, value in pip_settings(settings.data).items():
            found = _pip_found(key, value, settings)
            if found is not None and settings.is_machines:
                machines.append(found)
            elif found is not None:
                chosen[key] = found
    for name, key in (("PIP_INDEX_URL", "index-url"), ("PIP_EXTRA_INDEX_URL", "extra-index-url")):
        for found in _variable(name, environment, is_default=key == "index-url"):
            chosen[key] = found
    yield from (chosen[key] for key in sorted(chosen, reverse=True))
    yield from (found for found in machines if found.indexes)


def _pip_found(key: str, value: str, settings: ConfigurationFile) -> _Found | None:
    place = settings.place
    if key in ("index-url", "extra-index-url"):
        is_default = key == "index-url"
        urls = [NamedIndex(url, is_default, "", place) for url in value.split()]
        return _Found(place, urls, is_machines=settings.is_machines)
    if key in _LINKS:
        return _Found(place, [], [f"{key} of {place}"], settings.is_machines)
    return None


def _of_pdm(folder: Path, environment: Mapping[str, str], is_pip: bool) -> Iterator[_Found]:  # noqa: ARG001
    main = environment.get("PDM_PYPI_URL", "")
    if main:
        user, password = (
            environment.get(f"PDM_PYPI_{part}", "") for part in ("USERNAME", "PASSWORD")
        )
        login = (user, password) if user or password else None
        yield _Found("PDM_PYPI_URL", [NamedIndex(main, True, "pypi", "PDM_PYPI_URL", login=login)])
    config = user_folder(environment, "pdm")
    files = [folder / "pdm.toml", *([config / "config.toml"] if config is not None else [])]
    for settings in toml_settings(files):
        table = settings.data.get("pypi")
        entries = {"pypi": table, **table} if isinstance(table, dict) else {}
        indexes = [
            _pdm_index(name, each, settings.place)
            for name, each in entries.items()
            if isinstance(each, dict) and isinstance(each.get("url"), str)
        ]
        yield _Found(settings.place, indexes)


def _pdm_index(name: str, table: Mapping[str, Any], place: str) -> NamedIndex:
    user, password = (str(table.get(key, "")) for key in ("username", "password"))
    login = (user, password) if user or password else None
    return NamedIndex(table["url"], name == "pypi", name, place, login=login)


def _left_out(
    data: Mapping[str, Any], settings: ConfigurationFile, known: set[str]
) -> Iterator[str]:
    names = sorted(data.keys() - known)
    if names:
        yield f"{', '.join(names)} of {settings.place}"
