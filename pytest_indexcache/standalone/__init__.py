"""Export a scenario as a single Python script that needs only an installer."""

from pytest_indexcache.standalone.script import exported_script

__all__ = ["exported_script"]
