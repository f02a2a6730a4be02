"""What an installer was seen to do in a scenario, written as what the scenario expects."""

from pytest_indexcache.run.observations.differences import difference
from pytest_indexcache.run.observations.observing import Observed, observe

__all__ = ["Observed", "difference", "observe"]
