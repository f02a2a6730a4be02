"""Checks that a scenario leads an installer only to its own indexes, files and programs."""
