"""Checks that a scenario leads an installer to its own indexes, files and programs alone."""
