"""Mistakes in a scenario file, and the lines on which its keys begin."""
