"""Hints for correcting common mistakes."""

from __future__ import annotations

import re
from typing import Any, Final

from pytest_indexcache.scenario.findings.finding import key_path, within
from pytest_indexcache.scenario.findings.positions import Path
from pytest_indexcache.scenario.words.wording import shown

_INSTALLERS: Final = ("uv", "poetry", "pdm")
"""Subtables of ``[tool]`` that reveal which installer a project file was written for."""

_OF_PYPROJECT: Final = frozenset(
    {
        *("authors", "classifiers", "description", "dynamic", "entry-points", "gui-scripts"),
        *("keywords", "license", "license-files", "maintainers", "readme", "scripts", "urls"),
    }
)
"""Keys that ``[project]`` can contain in a pyproject.toml (PEP 621), but not in a scenario."""

_IN_PROJECT: Final = ("dependency-groups", "optional-dependencies", "dependencies")
"""Keys of ``[project]`` that are often written at the top of a file by mistake."""


def unknown_key_hint(path: Path, data: Any) -> str:
    """Return a hint for an unknown key, or an empty string if no usual mistake is recognized."""
    if path == ("tool",) or path == ("build-system",):
        return project_file_hint(data)
    if path[:1] == ("project",) and len(path) == 2 and path[1] in _OF_PYPROJECT:
        return f"leave it out, or {project_file_hint(data)}"
    if len(path) == 1 and path[0] in _IN_PROJECT:
        return f"it belongs to the project: [project.{path[0]}]"
    return _version_hint(path, data)


def project_file_hint(data: Any) -> str:
    """Return a hint to move the text of a pyproject.toml to ``[project-files]``."""
    tool = within(data, "tool")
    named = [name for name in _INSTALLERS if within(tool, name) is not None]
    example = f"project-files.{(named or ['uv'])[0]} = '''…'''"
    return f"give a pyproject.toml verbatim, for one installer: {example}"


def _version_hint(path: Path, data: Any) -> str:
    """Return a hint to quote a version that TOML has read as a dotted key, as in ``2.8.0 = {}``.

    The result is an empty string if the path does not belong to such a version.
    """
    match path:
        case ("indexes", str(), "packages", str(), *versions) if len(versions) > 1:
            parts = [part for part in versions if isinstance(part, str)]
            value = data
            for part in path:
                value = within(value, part)
        case _:
            return ""
    while isinstance(value, dict) and len(value) == 1 and next(iter(value))[:1].isdigit():
        [part] = value
        parts.append(part)
        value = value[part]
    if not all(re.fullmatch(r"\d\w*", part, re.ASCII) for part in parts):
        return ""
    return f"write a version in quotes: {key_path((*path[:4], '.'.join(parts)))}"


def wrong_kind_hint(path: Path, value: Any, expected: list[str]) -> str:
    """Return a hint that shows the correct form for a value of the wrong kind.

    The result is an empty string if no usual mistake is recognized.
    """
    if path == ("steps",) and isinstance(value, dict):
        return "write [[steps]] before every step"
    if path[:1] == ("steps",) and path[-1:] == ("command",) and isinstance(value, str | list):
        words = value.split() if isinstance(value, str) else value
        name = str(words[0]) if words and re.fullmatch(r"[\w-]{1,40}", str(words[0])) else "uv"
        given = f'"{value}"' if isinstance(value, str) and len(value) <= 60 else "…"
        return f"write command = {{ {name} = {given} }}"
    texts = [value] if isinstance(value, str) else value
    if isinstance(texts, list) and texts and all(isinstance(text, str) for text in texts):
        if path[:1] == ("indexes",) and path[2:3] == ("packages",) and len(path) == 4:
            return f"write {{ {', '.join(f'{_quoted(text)} = {{}}' for text in texts[:3])} }}"
        if path[-1:] == ("downloads",) and isinstance(value, list):
            return f"write {{ {', '.join(f'{_quoted(text)} = 1' for text in texts[:3])} }}"
    if expected == ["a string"] and isinstance(value, int | float) and not isinstance(value, bool):
        return "write it in quotes"
    if isinstance(value, str) and "an array" in expected:
        return f"write [{shown(value)}]"
    return ""


def _quoted(text: str) -> str:
    return f'"{shown(text)[1:-1]}"'


def missing_verb_hint(step: Any) -> str:
    """Return a hint for a step without a verb, such as one with the key ``uv``."""
    for name in ("uv", "pip", "poetry", "pdm"):
        if isinstance(within(step, name), str):
            return wrong_kind_hint(("steps", "command"), step[name], [])
    return 'it says what the step does, such as do = "sync"'
