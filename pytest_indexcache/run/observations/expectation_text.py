"""Edit the ``expect`` tables in the text of a scenario without changing any other text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tomlkit
from tomlkit.items import InlineTable, Item, Table

from pytest_indexcache.data_formats import loads_toml
from pytest_indexcache.errors import CommandError

Place = int | tuple[int, int]
"""The number of a step, from 1; or the numbers of a ``together`` step and of a step inside it."""

Changes = Mapping[int, Mapping[str, Any]] | Mapping[Place, Mapping[str, Any]]
"""Maps the position of a step to new values for keys of its ``expect``; None removes the key."""


def with_expectations(text: str, changes: Changes) -> str:
    """Return the text of a scenario with some expectations changed; the text is valid TOML.

    :raises CommandError: if the text is formatted in a way that cannot be edited
    """
    document: Any = tomlkit.parse(text)
    wanted = loads_toml(text)
    for place, keys in changes.items():
        step = _step_at(document, place)
        plain = _step_at(wanted, place).setdefault("expect", {})
        _change(plain, keys)
        _write(step, plain, keys)
    written = tomlkit.dumps(document)
    if not _says(written, wanted):
        places = ", ".join(map(_place_text, changes))
        raise CommandError(
            f"the expectations of step {places} cannot be changed in this file",
            "write expect as an inline table: expect = { downloads = {} }",
        )
    return written


def _step_at(document: Any, place: Place) -> Any:
    """Return a step of a file, or a step inside a ``together``."""
    number, *inner = place if isinstance(place, tuple) else (place,)
    step = document["steps"][number - 1]
    return step["together"][inner[0] - 1] if inner else step


def _place_text(place: Place) -> str:
    return f"{place[0]}, together[{place[1]}]" if isinstance(place, tuple) else str(place)


def _write(step: Any, plain: Mapping[str, Any], keys: Mapping[str, Any]) -> None:
    """Set or remove some ``keys`` in the ``expect`` of a step.

    ``plain`` is the complete new ``expect``. It is written if ``expect`` is missing or inline.
    """
    expect = step.get("expect")
    if expect is None:
        _add_last(step, _inline(plain))
    elif isinstance(expect, InlineTable):
        step["expect"] = _inline(plain)
    else:
        for key, value in keys.items():
            if value is None:
                expect.pop(key, None)
            else:
                expect[key] = _inline(value)


def _add_last(step: Any, expect: Item) -> None:
    """Add ``expect`` after the last key of a step."""
    body = step.value.body if isinstance(step, Table) else []
    tail = []
    while body and body[-1][0] is None:  # blank lines and comments belong to the key after them
        tail.append(body.pop()[1])
    step["expect"] = expect
    for item in reversed(tail):
        step.add(item)


def _inline(value: Any) -> Item:
    return tomlkit.value(_literal(value))


def _literal(value: Any) -> str:
    """Return a value in TOML, on one line, with spaces inside the braces of tables."""
    if isinstance(value, Mapping):
        pairs = (
            f"{tomlkit.key(key).as_string()} = {_literal(element)}"
            for key, element in value.items()
        )
        inner = ", ".join(pairs)
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    return str(tomlkit.item(value).as_string())


def _change(expect: dict[str, Any], keys: Mapping[str, Any]) -> None:
    for key, value in keys.items():
        if value is None:
            expect.pop(key, None)
        else:
            expect[key] = value


def _says(text: str, wanted: Mapping[str, Any]) -> bool:
    try:
        return loads_toml(text) == wanted
    except ValueError:
        return False
