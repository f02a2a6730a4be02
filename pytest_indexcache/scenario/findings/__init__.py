"""Mistakes in a scenario file, and the line numbers of its keys."""
