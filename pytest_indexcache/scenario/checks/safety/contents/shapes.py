"""Check a TOML file against a shape: the list of its allowed keys and kinds of values.

A shape is a TOML file with the same structure as the files that it describes. In place of a value,
it contains a string that lists the allowed kinds, separated by ``|``:

=================  ==============================================
``word``           a string of this kind, as defined in ``values.kinds``
``any``            any value without line breaks, for keys that no installer acts on
``unread``         any value, for keys that nothing in a play reads
``@word``          a table that matches the shape of this name
``[word]``         an array of values of this kind
``{word}``         a table of values of this kind, with any keys
``!the reason``    no value: the installer knows the key, but a scenario must not use it
=================  ==============================================

The key ``*`` stands for every other key, and ``<word>`` for every other key of the kind ``word``.
The key ``+`` names a shape whose keys are added. Numbers, booleans and dates are harmless, so they
are allowed for every known key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

from pytest_indexcache.data_formats import loads_toml
from pytest_indexcache.scenario.findings.finding import key_path
from pytest_indexcache.scenario.findings.positions import Path
from pytest_indexcache.scenario.values.kinds import KINDS, check_value, has_control
from pytest_indexcache.scenario.values.reach import Reach
from pytest_indexcache.scenario.words.wording import Suggestion, alternatives, found

_TABLES: Final = ("projects", "settings", "lockfiles")

Shape = Mapping[str, Any]
"""A mapping of keys to strings as described above, or to tables of further keys."""


class Misfit(NamedTuple):
    """A forbidden part of a file: its key path, the problem and the remedy."""

    path: Path
    text: str
    hint: str | Suggestion = ""

    def __str__(self) -> str:
        where = f"{key_path(self.path)}: " if self.path else ""
        return f"{where}{self.text}"


@cache
def shapes() -> Mapping[str, Shape]:
    """Return the shapes of files and of tables in them, keyed by name."""
    folder = files("pytest_indexcache.scenario.checks.safety.contents")
    texts = ((folder / f"{name}.toml").read_text(encoding="utf-8") for name in _TABLES)
    return {name: shape for text in texts for name, shape in loads_toml(text).items()}


def misfits(value: Any, shape: str, reach: Reach) -> Iterator[Misfit]:
    """Yield a misfit for each part of a value that the shape named ``shape`` does not allow."""
    yield from _table((), value, shapes()[shape], reach)


def _table(path: Path, value: Mapping[str, Any], shape: Shape, reach: Reach) -> Iterator[Misfit]:
    known = _with_added(shape)
    for key, inner in value.items():
        place = (*path, key)
        yield from _lines(place, key)
        allowed = known.get(key) or _other_key(key, known, reach)
        if allowed is None:
            names = [name for name in known if name not in "*+" and not name.startswith("<")]
            hint = Suggestion(key, names, "a scenario may have here:")
            yield Misfit(place, "not a key that a scenario's file may have", hint)
        elif isinstance(allowed, Mapping):
            yield from _inner_table(place, inner, allowed, reach)
        else:
            yield from _value(place, inner, allowed, reach)


def _with_added(shape: Shape) -> Shape:
    added = shapes()[shape["+"]] if "+" in shape else {}
    return {**(_with_added(added) if added else {}), **shape}


def _other_key(key: str, known: Shape, reach: Reach) -> Any:
    for name, allowed in known.items():
        if name.startswith("<") and KINDS[name[1:-1]][0](key, reach):
            return allowed
    return known.get("*")


def _inner_table(path: Path, value: Any, shape: Shape, reach: Reach) -> Iterator[Misfit]:
    if isinstance(value, Mapping):
        yield from _table(path, value, shape, reach)
    elif isinstance(value, str | list):
        yield Misfit(path, f"is {found(value)}, and not a table")


def _value(path: Path, value: Any, allowed: str, reach: Reach) -> Iterator[Misfit]:
    if allowed.startswith("!"):
        yield Misfit(path, f"is not allowed: {allowed[1:]}", "leave it out")
        return
    choices = [choice.strip() for choice in allowed.split("|")]
    if "line" in choices or "any" in choices:
        yield from _lines(path, value)
        return
    if "unread" in choices:
        return
    if not isinstance(value, str | list | Mapping):
        if "on" not in choices:
            return
        value = str(value).lower()
    if isinstance(value, str):
        yield from _text(
            path, value, [choice for choice in choices if choice[0] not in "@[{"], reach
        )
        return
    if isinstance(value, list):
        inner = "|".join(choice[1:-1] for choice in choices if choice[0] == "[")
        elements: Iterable[tuple[str | int, Any]] = enumerate(value)
    else:
        inner = "|".join(choice[1:-1] for choice in choices if choice[0] == "{")
        elements = value.items()
        named = next((choice[1:] for choice in choices if choice[0] == "@"), "")
        if named:
            yield from _table(path, value, shapes()[named], reach)
            return
    if not inner:
        yield Misfit(path, f"is {found(value)}, and not {_meaning(choices)}")
        return
    for part, element in elements:
        yield from _value((*path, part), element, inner, reach)


def _lines(path: Path, value: Any) -> Iterator[Misfit]:
    """Yield each string that has several lines, because build backends copy strings into METADATA.

    In METADATA, the second line of a description would be read as a field, such as Requires-Dist.
    """
    if isinstance(value, str) and has_control(value):
        yield Misfit(path, f"is more than one line: {found(value)}")
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _lines((*path, key), key)
            yield from _lines((*path, key), inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _lines((*path, number), inner)


def _text(path: Path, value: str, kinds: Sequence[str], reach: Reach) -> Iterator[Misfit]:
    problem = f"is {found(value)}, and not an array or a table"
    for kind in kinds:
        try:
            check_value(kind, value, reach)
        except ValueError as error:
            problem = str(error)
        else:
            return
    yield Misfit(path, problem)


def _meaning(choices: Sequence[str]) -> str:
    words = {"@": "a table", "{": "a table", "[": "an array"}
    return alternatives(
        dict.fromkeys(words.get(choice[0]) or KINDS[choice][1] for choice in choices)
    )
