"""Reproduce, gate and bisect index caching regressions of Python installers."""

__version__ = "0.1.0"
