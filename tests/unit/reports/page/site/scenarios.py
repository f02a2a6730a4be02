"""Scenarios for tests of the site."""

from __future__ import annotations

from typing import Any

from pytest_indexcache.reports.page.site import SiteScenario
from pytest_indexcache.run.matrix.results import PlayRecord
from pytest_indexcache.scenario.model import Scenario


def scenario(name: str = "pages/a", *records: PlayRecord, **table: Any) -> SiteScenario:
    """Return a scenario of the catalogue with these keys in its table."""
    data = {"title": "A title", "steps": [{"do": "sync"}], **table}
    value = Scenario.model_validate(data)
    return SiteScenario(f"scenarios/{name}.toml", value, 'title = "A title"\n', records)
