"""The command ``indexcache``: one file for each of its commands."""

from pytest_indexcache.cli.command_line import main

__all__ = ["main"]
