"""Export a scenario as one script that needs only the standard library."""

from pytest_indexcache.standalone.script import exported_script

__all__ = ["exported_script"]
