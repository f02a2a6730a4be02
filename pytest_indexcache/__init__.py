"""Reproduce, prevent and bisect index caching regressions of Python installers."""

from pytest_indexcache import exports

__version__ = "0.1.0"
__getattr__ = exports.exported
__dir__ = exports.exported_names
