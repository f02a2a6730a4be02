"""The scenario language: its data model, a strict loader and a JSON Schema."""

from pytest_indexcache.scenario.loader import load_scenario, loads
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.schema import json_schema, schema_text

__all__ = ["Scenario", "json_schema", "load_scenario", "loads", "schema_text"]
