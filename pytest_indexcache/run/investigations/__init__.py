"""Everything that a report of one misbehaviour needs: its plays, what else was tried, its kin."""

from pytest_indexcache.run.investigations.investigating import Investigator

__all__ = ["Investigator"]
