"""Check the URLs in requirements and sources: each must belong to an index of the scenario."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_indexcache.scenario.checks.safety.asked_urls import required_urls
from pytest_indexcache.scenario.findings.finding import Finding
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.values.kinds import check_value
from pytest_indexcache.scenario.values.reach import Reach


def check_urls(scenario: Scenario, reach: Reach) -> Iterator[Finding]:
    """Yield a finding for each URL that does not belong to an index of the scenario."""
    for asked in required_urls(scenario):
        try:
            check_value("url", asked.url, reach)
        except ValueError as error:
            hint = "give the scenario an index there, or a release with this url"
            yield Finding(asked.path, str(error), hint)
