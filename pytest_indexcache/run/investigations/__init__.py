"""Gather everything for a report of one misbehaviour: plays, workarounds, related reports."""

from pytest_indexcache.run.investigations.investigating import Investigator

__all__ = ["Investigator"]
