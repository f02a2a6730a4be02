"""A scenario as a value, and what follows from it: edits, Pythons, and who can play it."""

from pytest_indexcache.scenario.model.scenario import Scenario, step_number

__all__ = ["Scenario", "step_number"]
