"""Scenarios and indexes that the tests of project files and dialects share."""

from __future__ import annotations

from typing import Any

from pytest_indexcache.scenario.model import Scenario

CPU = {"url": "https://download.pytorch.org/whl/cpu"}
NV = {"url": "https://pypi.nvidia.com"}
PYPI = {"url": "https://pypi.org/simple"}


def scenario_with(**keys: Any) -> Scenario:
    """Return a scenario with these tables and one sync step."""
    return Scenario.model_validate({"title": "t", "steps": [{"do": "sync"}], **keys})
