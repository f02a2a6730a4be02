"""Look up the keys that each table in a scenario file can contain."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from pytest_indexcache.scenario.findings.finding import within
from pytest_indexcache.scenario.findings.positions import Path
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.fields import Table, key_of
from pytest_indexcache.scenario.tables.steps import AnyStep, verb_of_data


def known_keys(path: Path, data: Any) -> tuple[str, ...]:
    """Return the keys that the table at a path can contain, or () if it can contain any key."""
    annotations: list[Any] = [Scenario]
    for part in path:
        annotations = [
            inner
            for annotation in annotations
            for member in _members(annotation, data)
            for inner in _inside(member, part)
        ]
        data = within(data, part)
    tables = [member for annotation in annotations for member in _members(annotation, data)]
    keys = [key for table in tables if _is_table(table) for key, _ in keys_of(table)]
    return tuple(dict.fromkeys(keys))


def _members(annotation: Any, data: Any) -> Iterator[Any]:
    """Yield the types that an annotation allows; for a step, only the type for its verb."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _members(get_args(annotation)[0], data)
    elif origin in (Union, UnionType):
        members = [m for each in get_args(annotation) for m in _members(each, data)]
        verb = verb_of_data(data)
        yield from (m for m in members if not _is_table(m) or verb_of(m) in (None, verb))
    elif origin is tuple and isinstance(data, dict):
        # a single table may stand for an array of tables
        yield from _members(get_args(annotation)[0], data)
    else:
        yield annotation


def verb_of(table: type[Table]) -> str | None:
    """Return the verb of a class of steps, or None if the class is not a step."""
    field = table.model_fields.get("do")
    return get_args(field.annotation)[0] if field and _is_literal(field.annotation) else None


def is_verb(text: str) -> bool:
    """Return whether there is a step with this verb."""
    return any(verb_of(table) == text for table in get_args(AnyStep))


def _inside(member: Any, part: str | int) -> Iterator[Any]:
    origin, arguments = get_origin(member), get_args(member)
    if _is_table(member) and isinstance(part, str):
        yield from (field.annotation for key, field in keys_of(member) if key == part)
    elif origin is dict and isinstance(part, str):
        yield arguments[1]
    elif origin is tuple and isinstance(part, int):
        yield arguments[0]


def keys_of(table: type[Table]) -> Iterator[tuple[str, FieldInfo]]:
    """Yield a table's keys with their fields, even before pydantic has set their aliases."""
    for name, field in table.model_fields.items():
        yield field.alias or key_of(name), field


def _is_table(member: Any) -> bool:
    return isinstance(member, type) and issubclass(member, BaseModel)


def _is_literal(annotation: Any) -> bool:
    return get_origin(annotation) is Literal
