"""The data model of a scenario: its edits, its Python versions, and its installers."""

from pytest_indexcache.scenario.model.scenario import Scenario, step_number

__all__ = ["Scenario", "step_number"]
