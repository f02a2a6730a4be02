"""The loader returns a scenario or raises a ScenarioError for any input."""

from __future__ import annotations

import copy
import tomllib
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from pytest_indexcache.errors import ScenarioError
from pytest_indexcache.scenario import Scenario, load_scenario, loads

WHOLE = (Path(__file__).parent / "whole.toml").read_text("utf-8")
DATA = tomllib.loads(WHOLE)


def outcome(text: str) -> Scenario | ScenarioError:
    """Return the loaded scenario, or the error after checking its text."""
    try:
        return loads(text, Path("s.toml"))
    except ScenarioError as error:
        refusal = error
    assert 1 <= len(refusal.problems) <= 51
    for line in str(refusal).splitlines():
        assert line.isprintable()
        assert line.startswith("s.toml")
        assert len(line) < 2000
        assert "function-" not in line
        assert "constrained-" not in line
    last = text.count("\n") + 1
    assert all(p.line is None or 1 <= p.line <= last for p in refusal.problems)
    return refusal


def test_whole_scenario() -> None:
    """The scenario that other tests mutate uses every table, verb and expectation."""
    scenario = loads(WHOLE)
    assert {step.do for step in scenario.steps} == set(_verbs())
    said = {name for step in scenario.steps for name in step.expect.model_fields_set}
    assert said == set(type(scenario.steps[0].expect).model_fields)
    assert scenario.model_fields_set == set(Scenario.model_fields)


def _verbs() -> list[str]:
    from pytest_indexcache.scenario import json_schema

    return [
        table["properties"]["do"]["const"]
        for table in json_schema()["definitions"].values()
        if "do" in table.get("properties", {})
    ]


_SCALARS = (
    st.booleans()
    | st.integers()
    | st.integers(min_value=2**70)
    | st.floats()
    | st.text()
    | st.dates()
    | st.times()
    | st.datetimes()
    | st.sampled_from(["sync", "any", "<= 2", "torch", "pypi", "1.0", "../x", "", "$date", "*"])
)
_KEYS = st.text() | st.sampled_from(
    ["title", "steps", "indexes", "do", "expect", "command", "packages", "str", "int", "[key]"]
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=20,
)
_TABLES = st.dictionaries(_KEYS, _VALUES, max_size=6)


@given(st.text())
def test_any_text(text: str) -> None:
    """Any text is either loaded as a scenario or refused by a ScenarioError."""
    outcome(text)


@given(st.binary())
def test_any_bytes(tmp_path_factory: Any, content: bytes) -> None:
    """A file of any bytes is either loaded or refused by a ScenarioError."""
    file = tmp_path_factory.getbasetemp() / "anything.toml"
    file.write_bytes(content)
    try:
        load_scenario(file)
    except ScenarioError as error:
        assert error.problems  # noqa: PT017  (either outcome is right, nothing else is)


@given(_TABLES)
def test_any_table(table: dict[str, Any]) -> None:
    """Any TOML table is either loaded as a scenario or refused by a ScenarioError."""
    outcome(tomli_w.dumps(table))


@given(st.lists(_TABLES, min_size=1, max_size=4))
def test_any_steps(steps: list[dict[str, Any]]) -> None:
    """A scenario whose steps are arbitrary tables is loaded or refused."""
    outcome(tomli_w.dumps({"title": "x", "steps": steps}))


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Return each table or array of a scenario with each of its keys or positions."""
    items = list(value.items()) if isinstance(value, dict) else []
    items = list(enumerate(value)) if isinstance(value, list) else items
    return [place for key, each in items for place in ((value, key), *_places(each))]


@given(st.data())
def test_one_value_changed(data: st.DataObject) -> None:
    """A full scenario with one arbitrary value is loaded or refused."""
    mutated = copy.deepcopy(DATA)
    holder, key = data.draw(st.sampled_from(_places(mutated)))
    holder[key] = data.draw(_VALUES)
    outcome(tomli_w.dumps(mutated))


@given(st.data())
def test_one_key_added_or_removed(data: st.DataObject) -> None:
    """A full scenario with one key removed or added is loaded or refused."""
    mutated = copy.deepcopy(DATA)
    holder, key = data.draw(st.sampled_from(_places(mutated)))
    if data.draw(st.booleans()):
        del holder[key]
    elif isinstance(holder, dict):
        holder[data.draw(_KEYS)] = data.draw(_VALUES)
    else:
        holder.append(data.draw(_VALUES))
    outcome(tomli_w.dumps(mutated))


@given(st.data())
def test_two_values_exchanged(data: st.DataObject) -> None:
    """A full scenario with two values exchanged is loaded or refused."""
    mutated = copy.deepcopy(DATA)
    one, other = data.draw(st.tuples(*[st.sampled_from(_places(mutated))] * 2))
    value = copy.deepcopy(one[0][one[1]])
    one[0][one[1]] = copy.deepcopy(other[0][other[1]])
    other[0][other[1]] = value
    outcome(tomli_w.dumps(mutated))


@given(st.data())
def test_one_piece_of_text_changed(data: st.DataObject) -> None:
    """A full scenario with a piece of text cut, doubled or replaced is loaded or refused."""
    start = data.draw(st.integers(0, len(WHOLE)))
    stop = data.draw(st.integers(start, min(len(WHOLE), start + 30)))
    piece = data.draw(st.just("") | st.just(WHOLE[start:stop] * 2) | st.text(max_size=5))
    outcome(WHOLE[:start] + piece + WHOLE[stop:])


def test_what_is_wrong_in_a_range_of_versions_is_told_once_at_its_key() -> None:
    """A mistake in a range of versions is reported once, at the key of the range."""
    text = """
title = "t"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages.foo]
"1.0 … 1.3" = { sizes = 1, hashes = [] }
"1.0 … 2.3" = {}
[[steps]]
do = "lock"
"""
    with pytest.raises(ScenarioError) as refused:
        loads(text)
    place = 'indexes.pypi.packages.foo."1.0 …'
    assert sorted(line.split(": ", 1)[1] for line in str(refused.value).splitlines()) == [
        f"{place} 1.3\".hashes: give at least one hash; 'none' and 'wrong' stand alone",
        f"{place} 1.3\".sizes: unknown key (did you mean 'size'?)",
        f'{place} 2.3": \'1.0 … 2.3\' is not a range of versions such as "1.0 … 1.40"',
    ]
