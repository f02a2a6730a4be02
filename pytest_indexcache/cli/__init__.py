"""The ``indexcache`` command line, with one module per command."""

from pytest_indexcache.cli.command_line import main

__all__ = ["main"]
