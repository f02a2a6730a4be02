"""Gather the contents of a bug report: plays, workarounds and related reports."""

from pytest_indexcache.run.investigations.investigating import Investigator
from pytest_indexcache.run.investigations.shared_plays import SharedPlays

__all__ = ["Investigator", "SharedPlays"]
