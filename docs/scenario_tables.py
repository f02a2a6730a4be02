"""Write the tables of docs/scenario.md anew, from the model of scenario files.

Run ``python docs/scenario_tables.py``; a test demands that the page is as this would leave it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

from pytest_indexcache.scenario import json_schema
from pytest_indexcache.scenario.checks.values.known_keys import keys_of
from pytest_indexcache.scenario.tables.changes import EdgeStep, IndexStep
from pytest_indexcache.scenario.tables.steps import AnyStep, Together
from pytest_indexcache.scenario.tables.verbs import InstallerStep, NetworkStep, StepBase
from pytest_indexcache.scenario.words.limits import LIMITS

PAGE = Path(__file__).with_name("scenario.md")
_MARKED = re.compile(r"<!-- (keys|verbs|limits): ([\w ]+) -->\n.*?<!-- end -->", re.DOTALL)
_BASES = (NetworkStep, InstallerStep, IndexStep, EdgeStep, Together, StepBase)
_SCHEMA = json_schema()


def with_tables(page: str) -> str:
    """Return a page with each of its marked places filled in from the model."""
    return _MARKED.sub(_filled, page)


def _filled(match: re.Match[str]) -> str:
    kind, names = match.groups()
    name, *without = names.split()
    if kind == "limits":
        rows = ["| of | at most |", "| --- | --- |", *(f"| {of} | {most} |" for of, most in LIMITS)]
    else:
        rows = _keys(name, without) if kind == "keys" else _verbs(name)
    return "\n".join([f"<!-- {kind}: {names} -->", *rows, "<!-- end -->"])


def _properties(name: str) -> dict[str, Any]:
    """Return the keys of a table of the model, each with its schema."""
    if name == "Scenario":
        return dict(_SCHEMA["properties"])
    if name in _SCHEMA["definitions"]:
        return dict(_SCHEMA["definitions"][name]["properties"])
    # what steps have in common is no table of its own in the schema
    [base] = [base for base in _BASES if base.__name__ == name]
    example = _properties(next(step.__name__ for step in _steps() if issubclass(step, base)))
    keys = {key for key, _ in keys_of(base)}
    return {key: value for key, value in example.items() if key in keys}


def _required(name: str) -> list[str]:
    table = _SCHEMA if name == "Scenario" else _SCHEMA["definitions"].get(name, {})
    return list(table.get("required", []))


def _keys(name: str, without: list[str]) -> list[str]:
    """Return a table of keys, but for those that other tables have too."""
    inherited = {key for other in without for key in _properties(other)}
    rows = ["| key | value | meaning |", "| --- | --- | --- |"]
    for key, value in _properties(name).items():
        if key not in inherited:
            needed = " (required)" if key in _required(name) else ""
            rows.append(f"| `{key}`{needed} | {_value(value)} | {_meaning(value)} |")
    return rows


def _steps() -> list[type[StepBase]]:
    return [get_args(step)[0] if get_args(step) else step for step in get_args(AnyStep)]


def _verbs(base: str) -> list[str]:
    """Return a table of the verbs that are built on a table directly, with their own keys."""
    # A step of its own kind has all keys but those of every step.
    shared = "StepBase" if base in _SCHEMA["definitions"] else base
    inherited = {*_properties(shared), "do"}
    rows = ["| `do` | what happens | keys |", "| --- | --- | --- |"]
    for step in _steps():
        if next(each.__name__ for each in _BASES if issubclass(step, each)) != base:
            continue
        definition = _SCHEMA["definitions"][step.__name__]
        own = {k: v for k, v in definition["properties"].items() if k not in inherited}
        keys = [f"`{key}`, {_value(value)}: {_meaning(value)}" for key, value in own.items()]
        verb = definition["properties"]["do"]["const"]
        rows.append(f"| `{verb}` | {_one_line(definition['description'])} | {'<br>'.join(keys)} |")
    return rows


def _value(schema: dict[str, Any]) -> str:
    """Say what kind of value a schema asks for."""
    if "$comment" in schema:
        return str(schema["$comment"])
    if "const" in schema:
        return f"`{_toml(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{_toml(value)}`" for value in schema["enum"])
    if "allOf" in schema:
        return _value(schema["allOf"][0])
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(map(_value, schema["anyOf"])))
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        words = re.sub(r"(?<!^)(?=[A-Z])", " ", name).lower()
        return f"[{words}](#{words.replace(' ', '-')})"
    return _plain_kind(schema)


def _plain_kind(schema: dict[str, Any]) -> str:
    if schema["type"] == "array":
        items = schema["items"]
        return "array of [steps](#steps)" if "oneOf" in items else f"array of {_value(items)}"
    if schema["type"] == "object":
        names = schema.get("propertyNames", {})
        keys = names.get("$comment") or ", ".join(names.get("enum", ["name"]))
        return f"table: {keys} = {_value(schema['additionalProperties'])}"
    return str(schema["type"])


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def _meaning(schema: dict[str, Any]) -> str:
    text = _one_line(schema.get("description", ""))
    default = schema.get("default")
    return text if default is None else f"{text} Unless given: `{_toml(default)}`."


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text("utf-8")), encoding="utf-8")
