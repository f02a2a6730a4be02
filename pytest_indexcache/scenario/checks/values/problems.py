"""Turn pydantic's validation errors into findings about keys and values in the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from pytest_indexcache.scenario.checks.values.known_keys import is_verb, known_keys
from pytest_indexcache.scenario.checks.values.usual_mistakes import (
    missing_verb_hint,
    unknown_key_hint,
    wrong_kind_hint,
)
from pytest_indexcache.scenario.findings.finding import Finding, within
from pytest_indexcache.scenario.findings.positions import Path
from pytest_indexcache.scenario.tables.fields import versions_of
from pytest_indexcache.scenario.tables.steps import verb_of_data
from pytest_indexcache.scenario.words.wording import Suggestion, alternatives, found, shown

_KINDS: Final = {
    "string_type": "a string",
    "bool_type": "a boolean",
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a number",
    "tuple_type": "an array",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
}
"""For each of pydantic's type errors, the kind of value that was expected, as shown to users."""


@dataclass(frozen=True, slots=True)
class _Error:
    """A validation error whose path contains only keys and positions that exist in the file.

    For an error inside a union, pydantic adds the name of the alternative to the path. Here,
    ``marks`` contains these names instead, each with the length of the path up to its union.
    ``data`` is the data of the whole file.
    """

    path: Path
    marks: tuple[tuple[int, str], ...]
    details: ErrorDetails
    data: Any

    @property
    def kind(self) -> str:
        return self.details["type"]


def findings_of(error: ValidationError, data: Any) -> Iterator[Finding]:
    """Yield one finding for each invalid value, even if several alternatives of a union failed."""
    errors = [
        _placed(details, data)
        for details in error.errors(include_url=False)
        # pydantic does not count invalid steps, and so may report that there are none
        if not (details["type"] == "too_short" and details["input"])
    ]
    # A mistake in the value of a range of versions is reported for each of the versions.
    found = (_finding(chosen, expected) for chosen, expected in _settled(errors, 0))
    yield from {(finding.path, finding.text): finding for finding in found}.values()


def _placed(details: ErrorDetails, data: Any) -> _Error:
    """Split an error's path into keys in the file and pydantic's names for union alternatives."""
    loc, target = details["loc"], details["input"]
    last: Path = ()
    if details["type"] == "missing":
        loc, last = loc[:-1], loc[-1:]
    elif details["type"] == "same_key":
        last = (details["ctx"]["key"],)
    places = list(_places(loc, data, (), ()))
    exact = (place for place in places if _is_target(place[2], target))
    path, marks, _ = next(exact, places[0])
    return _Error((*path, *last), marks, details, data)


def _is_target(value: Any, target: Any) -> bool:
    return value is target or (isinstance(value, str) and value == target)


def _places(
    loc: Sequence[str | int], value: Any, path: Path, marks: tuple[tuple[int, str], ...]
) -> Iterator[tuple[Path, tuple[tuple[int, str], ...], Any]]:
    if not loc:
        yield path, marks, value
        return
    part, rest = loc[0], loc[1:]
    if part == "[key]" and not rest and path:
        yield path, marks, path[-1]
    part = _key_as_written(value, part)
    if within(value, part) is not None:
        yield from _places(rest, within(value, part), (*path, part), marks)
    if isinstance(part, str) and not _is_verb(part, value):
        yield from _places(rest, value, path, (*marks, (len(path), part)))
    else:
        yield from _places(rest, value, path, marks)


def _key_as_written(value: Any, part: str | int) -> str | int:
    """Return the key that defines a version in the file: the version, or a range containing it."""
    if not isinstance(value, dict) or part in value:
        return part
    ranges = (key for key in value if isinstance(key, str) and ("…" in key or "..." in key))
    return next((key for key in ranges if part in _versions(key)), part)


def _versions(key: str) -> tuple[str, ...]:
    try:
        return versions_of(key)
    except ValueError:
        return ()


def _is_verb(part: str, value: Any) -> bool:
    return bool(verb_of_data(value) == part)


def _settled(errors: Sequence[_Error], depth: int) -> Iterator[tuple[_Error, list[str]]]:
    """Yield one error for each invalid value, with the kinds of values that are accepted there.

    If one alternative of a union accepts values of the same kind as the invalid value, only the
    errors from this alternative are considered.
    """
    unions: dict[Path, dict[str, list[_Error]]] = {}
    for error in errors:
        if depth == len(error.marks):
            yield error, _expected(error)
        else:
            length, alternative = error.marks[depth]
            union = unions.setdefault(error.path[:length], {})
            union.setdefault(alternative, []).append(error)
    for place, tried in unions.items():
        fitting = [group for group in tried.values() if not _is_misfit(group, place, depth)]
        if fitting:
            yield from _settled(fitting[0], depth + 1)
        else:
            expected = [kind for group in tried.values() for kind in _expected(group[0])]
            yield next(iter(tried.values()))[0], list(dict.fromkeys(expected))


def _is_misfit(group: Sequence[_Error], place: Path, depth: int) -> bool:
    return any(
        error.path == place and len(error.marks) == depth + 1 and bool(_expected(error))
        for error in group
    )


def _expected(error: _Error) -> list[str]:
    if error.kind == "literal_error":
        return re.findall(r"'[^']*'|\b(?!or\b)\w+", error.details["ctx"]["expected"])
    return [_KINDS[error.kind]] if error.kind in _KINDS else []


def _finding(error: _Error, expected: list[str]) -> Finding:
    value = error.details["input"]
    if error.kind in _SENTENCES:
        return _SENTENCES[error.kind](error)
    choices = [text[1:-1] for text in expected if text.startswith("'")]
    if choices and isinstance(value, str):
        text = f"{shown(value)} is not one of {alternatives(choices, 'and')}"
        return Finding(error.path, text, Suggestion(value, choices, what=""))
    if "a number" in expected:
        expected = [kind for kind in expected if kind != "a whole number"]
    if expected:
        wanted = alternatives(kind.lower() if kind == "False" else kind for kind in expected)
        hint = wrong_kind_hint(error.path, value, expected)
        return Finding(error.path, f"expected {wanted}, found {found(value)}", hint)
    return Finding(error.path, error.details["msg"])


def _unknown_key(error: _Error) -> Finding:
    usual = unknown_key_hint(error.path, error.data)
    keys = partial(known_keys, error.path[:-1], error.data)
    hint = usual or Suggestion(str(error.path[-1]), keys, what="known keys:")
    return Finding(error.path, "unknown key", hint)


def _missing_key(error: _Error) -> Finding:
    return Finding(error.path, "this key is required, but missing")


def _unknown_verb(error: _Error) -> Finding:
    verb = error.details["input"].get("do")
    path = (*error.path, "do")
    if not isinstance(verb, str):
        return Finding(path, f"expected a verb, found {found(verb)}")
    if "together" in error.path and is_verb(verb):
        text = f"{shown(verb)} is not a verb for which an installer is started"
        return Finding(path, text, "put it in a step of its own, before or after these")
    return Finding(path, f"unknown verb {shown(verb)}", Suggestion(verb, _verbs(error)))


def _missing_verb(error: _Error) -> Finding:
    return Finding(
        (*error.path, "do"),
        "this key is required, but missing",
        missing_verb_hint(error.details["input"]),
    )


def _verbs(error: _Error) -> list[str]:
    return re.findall(r"'([^']*)'", error.details["ctx"]["expected_tags"])


def _said(error: _Error) -> Finding:
    return Finding(error.path, str(error.details["ctx"].get("error") or error.details["msg"]))


def _wrong_kind(error: _Error) -> Finding:
    expected, value = error.details["ctx"]["expected"], error.details["input"]
    return Finding(error.path, f"expected {expected}, found {found(value)}")


def _empty(error: _Error) -> Finding:
    return Finding(error.path, "must not be empty")


def _blank(error: _Error) -> Finding:
    # The only pattern is that of the title, which matches any text that is not blank.
    return Finding(error.path, "must not be blank")


def _too_long(error: _Error) -> Finding:
    value, most = error.details["input"], error.details["ctx"]["max_length"]
    whole = "keys" if isinstance(value, dict) else "elements"
    what = "characters" if isinstance(value, str) else whole
    return Finding(error.path, f"has {len(value):,} {what}; at most {most:,} are allowed")


def _out_of_bounds(error: _Error) -> Finding:
    context = error.details["ctx"]
    bound = f"at least {context['ge']}" if "ge" in context else f"at most {context['le']}"
    return Finding(error.path, f"expected {bound}, found {found(error.details['input'])}")


_SENTENCES: Final[dict[str, Callable[[_Error], Finding]]] = {
    "extra_forbidden": _unknown_key,
    "missing": _missing_key,
    "union_tag_invalid": _unknown_verb,
    "union_tag_not_found": _missing_verb,
    "value_error": _said,
    "same_key": _said,
    "wrong_kind": _wrong_kind,
    "too_short": _empty,
    "string_too_short": _empty,
    "string_pattern_mismatch": _blank,
    "too_long": _too_long,
    "string_too_long": _too_long,
    "greater_than_equal": _out_of_bounds,
    "less_than_equal": _out_of_bounds,
}
