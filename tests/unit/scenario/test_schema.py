"""The JSON Schema of scenario files, and its agreement with the loader."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator  # type: ignore[import-untyped]

from pytest_indexcache.scenario import json_schema, schema_text
from pytest_indexcache.scenario.loader import loads
from pytest_indexcache.servers import profile_names

ROOT = Path(__file__).parents[3]
SCENARIOS = sorted((ROOT / "scenarios").glob("*/*.toml"))
SCHEMA_FILE = ROOT / "scenarios" / "scenario.schema.json"
WHOLE = Path(__file__).parent / "whole.toml"
WRITE = "write what pytest_indexcache.scenario.schema_text() returns to that file"


@pytest.fixture(scope="module")
def validator() -> Draft7Validator:
    """Return a validator for the schema, after checking that the schema itself is valid."""
    schema = json_schema()
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


def read(path: Path) -> dict[str, Any]:
    """Return the parsed data of a TOML file."""
    return tomllib.loads(path.read_text("utf-8"))


def test_schema_file_is_current() -> None:
    """The committed schema file is equal to the schema that the model generates."""
    assert SCHEMA_FILE.read_text("utf-8") == schema_text(), WRITE


@pytest.mark.parametrize("path", [*SCENARIOS, WHOLE], ids=lambda path: path.stem)
def test_scenario_is_valid(path: Path, validator: Draft7Validator) -> None:
    """Every scenario of the catalogue, and one with all keys, is valid under the schema."""
    assert [error.message for error in validator.iter_errors(read(path))] == []


@pytest.mark.parametrize("path", [*SCENARIOS, WHOLE], ids=lambda path: path.stem)
def test_scenario_points_to_the_schema(path: Path) -> None:
    """The first line of every scenario points editors to the schema."""
    first = path.read_text("utf-8").splitlines()[0]
    assert first.startswith("#:schema ")
    assert (path.parent / first.removeprefix("#:schema ")).resolve() == SCHEMA_FILE


@pytest.mark.parametrize(
    "change",
    [
        {"titel": "x"},
        {"title": 5},
        {"title": ""},
        {"tags": "pytorch"},
        {"issue": "15303"},
        {"steps": []},
        {"steps": [{}]},
        {"steps": [{"do": "snyc"}]},
        {"steps": [{"do": "sync", "extra": ["cpu"]}]},
        {"steps": [{"do": "sync", "expect": {"download": {}}}]},
        {"steps": [{"do": "sync", "expect": {"exit": "failed"}}]},
        {"steps": [{"do": "sync", "expect": {"downloads": {"torch": "two"}}}]},
        {"steps": [{"do": "sync", "expect": {"requests": {"pages": 1}}}]},
        {"steps": [{"do": "uninstall", "projects": []}]},
        {"steps": [{"do": "fail", "index": "pypi", "how": "status", "status": 200}]},
        {"steps": [{"command": {"uv": 5}}]},
        {"indexes": {"pypi": {}}},
        {"indexes": {"pypi": {"url": "pypi.org/simple"}}},
        {"indexes": {"pypi": {"url": "https://pypi.org/simple", "headers": "pypy"}}},
        {"indexes": {"pypi": {"url": "https://pypi.org", "packages": {"a b": {}}}}},
        {"indexes": {"py pi": {"url": "https://pypi.org/simple"}}},
        {"indexes": {"a": {"url": "https://b.c", "packages": {"d": {"1": {"size": "5"}}}}}},
        {"indexes": {"a": {"url": "https://b.c", "headers": {"files": {"etag": True}}}}},
        {"indexes": {"a": {"url": "https://b.c", "headers": {"files": {"e tag": "1"}}}}},
        {"sources": {"torch": {"indx": "pypi"}}},
        {"files": {"/etc/passwd": "x"}},
        {"variants": {"obey-no-store": 0}},
        {"project": {"exclude-newer": 20260801}},
        {"project": {"exclude-newer": ["3 days ago"]}},
    ],
    ids=str,
)
def test_mistakes_are_not_valid(change: dict[str, Any], validator: Draft7Validator) -> None:
    """Values that the loader refuses are refused by the schema, too."""
    data = {"title": "x", "steps": [{"do": "sync"}]}
    assert validator.is_valid(data)
    assert not validator.is_valid({**data, **change})


@pytest.mark.parametrize(
    "moment",
    ["2026-08-01T12:00:00Z", "2026-08-01 14:00:00+02:00", '"2026-08-01T12:00Z"', '"3 days ago"'],
)
def test_moments_are_valid_as_toml_has_them(moment: str, validator: Draft7Validator) -> None:
    """A time that the loader accepts is valid under the schema, as a TOML date and as a string."""
    text = (
        f'title = "x"\nproject.exclude-newer = {moment}\n'
        f'indexes.a.url = "https://b.c/"\nindexes.a.packages.d.1.upload-time = {moment}\n'
        '[[steps]]\ndo = "sync"\nexpect = { exit = "success" }\n'
    )
    loads(text)
    assert [error.message for error in validator.iter_errors(tomllib.loads(text))] == []


def test_keys_are_described() -> None:
    """Each key of each table has a description in the schema, which ends with a full stop."""
    schema = json_schema()
    tables = {"Scenario": schema, **schema["definitions"]}
    for name, table in tables.items():
        assert table["description"].endswith("."), name
        for key, value in table["properties"].items():
            if key != "do":
                assert value["description"].rstrip().endswith("."), (name, key)


def test_schema_knows_no_null() -> None:
    """The schema does not use null, which TOML does not have, or keywords of later drafts."""
    text = schema_text()
    assert '"null"' not in text
    assert "$defs" not in text
    assert "patternProperties" not in text
    assert "discriminator" not in text


def test_schema_lists_header_profiles() -> None:
    """The schema lists the names of header profiles, so that editors complete them."""
    profile = json_schema()["definitions"]["HeaderChoice"]["properties"]["profile"]
    assert profile["enum"] == list(profile_names())


def test_schema_is_named() -> None:
    """The schema contains the URL of its draft and its own identifier."""
    schema = json.loads(schema_text())
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert schema["$id"] == "urn:pytest-indexcache:scenario"
