"""Export a scenario as one Python script that needs only the standard library and an installer."""

from pytest_indexcache.standalone.script import exported_script

__all__ = ["exported_script"]
