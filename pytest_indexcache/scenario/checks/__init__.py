"""Checks of a scenario file beyond the types of its values."""
