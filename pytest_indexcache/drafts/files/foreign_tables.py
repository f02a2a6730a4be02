"""Convert the settings of Poetry and PDM in a project file to settings of uv.

The other modules read only ``[project]``, ``[dependency-groups]`` and ``[tool.uv]``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pytest_indexcache.drafts.words.toml_values import list_of, table_of

PYPI_URL: Final = "https://pypi.org/simple"

_CARET: Final = re.compile(r"\^ *(?P<version>[0-9]{1,9}(?:\.[0-9]{1,9}){0,9})\S*")
_TILDE: Final = re.compile(r"~ *(?P<version>[0-9]{1,9}(?:\.[0-9]{1,9}){0,9})\S*")
_BARE: Final = re.compile(r"[0-9]\S*")
_ELSEWHERE: Final = ("path", "git", "url", "file")


def with_standard_tables(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a project file in which uv's settings replace those of Poetry or PDM.

    Files with ``[tool.uv]``, and files without settings of Poetry or PDM, are returned unchanged.
    """
    tool = table_of(data.get("tool"))
    if "uv" in tool:
        return data
    if "poetry" in tool:
        return _of_poetry(data, table_of(tool["poetry"]))
    return _of_pdm(data, table_of(tool["pdm"])) if "pdm" in tool else data


def _of_poetry(data: Mapping[str, Any], poetry: Mapping[str, Any]) -> Mapping[str, Any]:
    tables = table_of(poetry.get("dependencies"))
    groups = {name: table_of(group) for name, group in table_of(poetry.get("group")).items()}
    if dev := table_of(poetry.get("dev-dependencies")):
        groups["dev"] = {"dependencies": dev}
    extras = {
        name: [
            requirement
            for key in keys
            if key in tables
            for requirement in poetry_requirements(key, tables[key])
        ]
        for name, keys in table_of(poetry.get("extras")).items()
        if isinstance(keys, list)
    }
    project = table_of(data.get("project"))
    standard = {
        "name": poetry.get("name"),
        "requires-python": poetry_specifier(str(tables.get("python", ""))),
        "dependencies": _dependencies(tables),
        "optional-dependencies": extras,
    }
    by_group = {name: table_of(group.get("dependencies")) for name, group in groups.items()}
    named = dict.fromkeys([*groups, *table_of(data.get("dependency-groups"))])
    names = [name for name in named if groups.get(name, {}).get("optional") is not True]
    every = {key: value for table in (tables, *by_group.values()) for key, value in table.items()}
    return {
        "project": {**{key: value for key, value in standard.items() if value}, **project},
        "dependency-groups": {
            **{name: _dependencies(table) for name, table in by_group.items()},
            **table_of(data.get("dependency-groups")),
        },
        "tool": {
            "uv": {
                "index": list(_poetry_indexes(poetry)),
                "sources": dict(_poetry_sources(every)),
                "default-groups": names,
            }
        },
    }


def _dependencies(tables: Mapping[str, Any]) -> list[str]:
    """Return the requirements in a Poetry table, without ``python`` and optional requirements."""
    return [
        requirement
        for name, value in tables.items()
        if name != "python" and table_of(value).get("optional") is not True
        for requirement in poetry_requirements(name, value)
    ]


def poetry_requirements(name: str, value: object) -> list[str]:
    """Return the requirements for one Poetry dependency: a string, a table, or several tables.

    Version ranges that no specifier can express, such as ``^1 || ^3``, are returned unchanged.
    """
    if isinstance(value, list):
        return [text for each in value for text in poetry_requirements(name, each)]
    table = {"version": value} if isinstance(value, str) else table_of(value)
    extras = ",".join(map(str, list_of(table.get("extras"))))
    inside = f"[{extras}]" if extras else ""
    markers = [str(table["markers"])] if "markers" in table else []
    if "python" in table:
        bounds = poetry_specifier(str(table["python"])).split(",")
        markers += [re.sub(r"^(\W+)(.*)$", r"python_version \1 '\2'", bound) for bound in bounds]
    if "platform" in table:
        markers.append(f"sys_platform == '{table['platform']}'")
    marker = " and ".join(f"({part})" if len(markers) > 1 else part for part in markers)
    version = poetry_specifier(str(table.get("version", "")))
    return [f"{name}{inside}{version}{f'; {marker}' if marker else ''}"]


def poetry_specifier(text: str) -> str:
    """Return the specifier for a Poetry version constraint, or "" if any version is allowed.

    ``^1.2`` becomes ``>=1.2,<2``, ``~1.2`` becomes ``>=1.2,<1.3``, and ``1.2`` becomes ``==1.2``.
    """
    parts = [part.strip() for part in text.split(",")]
    return ",".join(part for part in map(_one_specifier, parts) if part)


def _one_specifier(part: str) -> str:
    if part == "*":
        return ""
    if found := _CARET.fullmatch(part):
        numbers = [int(number) for number in found["version"].split(".")]
        place = next((at for at, number in enumerate(numbers) if number), len(numbers) - 1)
        return f">={part[1:].strip()},<{_next(numbers, place)}"
    if found := _TILDE.fullmatch(part):
        numbers = [int(number) for number in found["version"].split(".")]
        return f">={part[1:].strip()},<{_next(numbers, min(1, len(numbers) - 1))}"
    return f"=={part}" if _BARE.fullmatch(part) else part.replace(" ", "")


def _next(numbers: list[int], place: int) -> str:
    """Return a version whose number at ``place`` is one higher, without the numbers after it."""
    return ".".join(map(str, [*numbers[:place], numbers[place] + 1]))


def _poetry_indexes(poetry: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    tables = [table_of(entry) for entry in list_of(poetry.get("source"))]
    primary = [
        settings
        for settings in tables
        if settings.get("priority", "primary") in ("primary", "default")
    ]
    for table in tables:
        name = str(table.get("name", ""))
        url = table.get("url") or (PYPI_URL if name.lower() == "pypi" else "")
        # The first primary source takes the place of PyPI, as the default index of uv does.
        is_default = bool(primary) and table is primary[0]
        is_explicit = table.get("priority") == "explicit"
        yield {"name": name, "url": url, "default": is_default, "explicit": is_explicit}


def _poetry_sources(tables: Mapping[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for name, value in tables.items():
        entries = [table_of(entry) for entry in (value if isinstance(value, list) else [value])]
        found = [_source(entry) for entry in entries if "source" in entry or _is_elsewhere(entry)]
        if found:
            yield name, found


def _source(entry: Mapping[str, Any]) -> dict[str, Any]:
    if _is_elsewhere(entry):
        return {key: entry[key] for key in _ELSEWHERE if key in entry}
    marker = {"marker": entry["markers"]} if "markers" in entry else {}
    return {"index": entry["source"], **marker}


def _is_elsewhere(entry: Mapping[str, Any]) -> bool:
    return any(key in entry for key in _ELSEWHERE)


def _of_pdm(data: Mapping[str, Any], pdm: Mapping[str, Any]) -> Mapping[str, Any]:
    tables = [table_of(entry) for entry in list_of(pdm.get("source"))]
    groups = {**table_of(pdm.get("dev-dependencies")), **table_of(data.get("dependency-groups"))}
    overrides = table_of(table_of(pdm.get("resolution")).get("overrides"))
    uv = {
        "index": [
            {
                "name": table.get("name"),
                "url": table.get("url"),
                "default": table.get("name") == "pypi",
            }
            for table in tables
        ],
        "sources": dict(_pdm_sources(tables)),
        "override-dependencies": [
            f"{name}{poetry_specifier(str(version))}" for name, version in overrides.items()
        ],
        "default-groups": list(groups),
    }
    return {**data, "dependency-groups": groups, "tool": {"uv": uv}}


def _pdm_sources(tables: list[Mapping[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for table in tables:
        for name in list_of(table.get("include_packages")):
            if "*" not in str(name):
                yield str(name), {"index": table.get("name")}
