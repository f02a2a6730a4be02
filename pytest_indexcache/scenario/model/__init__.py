"""The data model of a scenario, its edits and Pythons, and the installers that can play it."""

from pytest_indexcache.scenario.model.scenario import Scenario, step_number

__all__ = ["Scenario", "step_number"]
