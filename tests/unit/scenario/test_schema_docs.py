"""The documentation page about scenario files, with generated tables and examples."""

from __future__ import annotations

import json
import re
import runpy
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator  # type: ignore[import-untyped]

from pytest_indexcache.scenario import json_schema, loads

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "scenario.md").read_text("utf-8")
BLOCKS = re.findall(r"^```toml( fragment)?\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def _first_line(block: Any) -> str:
    return str(block).partition("\n")[0][:40]


def test_tables_are_current() -> None:
    """The tables of keys on the page are equal to those that the model generates."""
    script = runpy.run_path(str(DOCS / "scenario_tables.py"))
    assert script["with_tables"](PAGE) == PAGE, "run python docs/scenario_tables.py"


def test_every_table_of_the_model_is_there() -> None:
    """The page describes each table and each verb of scenario files."""
    definitions = json_schema()["definitions"]
    verbs = {
        table["properties"]["do"]["const"]
        for table in definitions.values()
        if "do" in table["properties"]
    }
    assert verbs <= set(re.findall(r"^\| `([a-z-]+)` \| ", PAGE, re.MULTILINE))
    tables = {name for name, table in definitions.items() if "do" not in table["properties"]}
    assert tables <= set(re.findall(r"<!-- keys: (\w+)", PAGE))


def test_links_lead_somewhere() -> None:
    """Each link within the page leads to one of its headings."""
    headings = {
        heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.*)$", PAGE, re.M)
    }
    assert set(re.findall(r"\]\(#([^)]*)\)", PAGE)) <= headings


@pytest.mark.parametrize("block", [text for kind, text in BLOCKS if not kind], ids=_first_line)
def test_whole_examples_are_scenarios(block: str) -> None:
    """An example on the page that is not marked as a fragment is a complete scenario."""
    assert loads(block).steps


@pytest.mark.parametrize("block", [text for kind, text in BLOCKS if kind], ids=_first_line)
def test_fragments_are_parts_of_scenarios(block: str) -> None:
    """An example marked as a fragment contains only valid keys and values."""
    whole = {key: value for key, value in json_schema().items() if key != "required"}
    data = json.loads(json.dumps(tomllib.loads(block), default=str))
    problems = Draft7Validator(whole).iter_errors(data)
    assert [problem.message for problem in problems] == []
