"""The JSON Schema for scenario files, for editors that support TOML (taplo, Even Better TOML)."""

from __future__ import annotations

import json
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema

from pytest_indexcache.scenario.model import Scenario

SCHEMA_ID: Final = "urn:pytest-indexcache:scenario"
"""A name for the schema, not its address: the ``#:schema`` line in a file contains the address."""

DIALECT: Final = "http://json-schema.org/draft-07/schema#"
"""The version of JSON Schema that TOML editors support."""


class _Generator(GenerateJsonSchema):
    schema_dialect = DIALECT


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema for scenario files, generated from the model and its docstrings.

    Rules that involve several values are checked only by the loader, such as the rule that a
    project must exist if a step names it.
    """
    made = Scenario.model_json_schema(
        schema_generator=_Generator, ref_template="#/definitions/{model}"
    )
    definitions = made.pop("$defs")
    body = {**made, "definitions": definitions}
    return {"$schema": DIALECT, "$id": SCHEMA_ID, **_tidied(body)}


def schema_text() -> str:
    """Return the schema as the text of ``scenario.schema.json``."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def _tidied(node: Any) -> Any:
    """Return a node without the parts that authors do not need or that draft 7 does not support."""
    if isinstance(node, list):
        return [_tidied(each) for each in node]
    if not isinstance(node, dict):
        return node
    schema = {key: value for key, value in node.items() if not _is_noise(key, value)}
    for key in ("properties", "definitions"):
        if key in schema:
            schema[key] = {name: _tidied(each) for name, each in schema[key].items()}
    tidied = {
        key: value if key in ("properties", "definitions") else _tidied(value)
        for key, value in schema.items()
    }
    for change in (_without_null, _named_keys, _plain_text, _wrapped_reference):
        tidied = change(tidied)
    return tidied


def _is_noise(key: str, value: Any) -> bool:
    """Return whether an entry is a generated title, an empty default, or only of use to OpenAPI."""
    empty = value is None or isinstance(value, dict | list) or value == ""
    return key in ("title", "discriminator") or (key == "default" and empty)


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema without ``null``, because TOML has no null value."""
    choices = [each for each in schema.get("anyOf", []) if each != {"type": "null"}]
    if "anyOf" not in schema:
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**choices[0], **rest} if len(choices) == 1 else {**rest, "anyOf": choices}


def _named_keys(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema for a table, restricted to keys that match ``patternProperties``."""
    patterns = schema.pop("patternProperties", None)
    if patterns is None:
        return schema
    [(pattern, values)] = patterns.items()
    names = {"pattern": pattern, **schema.get("propertyNames", {})}
    return {**schema, "propertyNames": names, "additionalProperties": values}


def _plain_text(schema: dict[str, Any]) -> dict[str, Any]:
    if isinstance(schema.get("description"), str):
        schema["description"] = schema["description"].replace("``", "`")
    return schema


def _wrapped_reference(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with ``$ref`` inside ``allOf``, as draft 7 ignores keys next to ``$ref``."""
    reference = schema.get("$ref")
    if reference is None or len(schema) == 1:
        return schema
    rest = {key: value for key, value in schema.items() if key != "$ref"}
    return {**rest, "allOf": [{"$ref": reference}]}
