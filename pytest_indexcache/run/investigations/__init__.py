"""Gather the contents of a bug report: plays, workarounds and related reports."""

from pytest_indexcache.run.investigations.investigating import Investigator

__all__ = ["Investigator"]
