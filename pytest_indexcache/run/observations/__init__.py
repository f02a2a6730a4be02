"""Write the observed behaviour of an installer into the expectations of a scenario."""

from pytest_indexcache.run.observations.differences import difference
from pytest_indexcache.run.observations.observing import Observed, observe

__all__ = ["Observed", "difference", "observe"]
