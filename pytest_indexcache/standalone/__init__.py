"""A scenario as one script that plays it with the standard library alone."""

from pytest_indexcache.standalone.script import exported_script

__all__ = ["exported_script"]
