"""The ``indexcache`` command line, with one module per command."""

from pytest_indexcache.cli.start import main

__all__ = ["main"]
