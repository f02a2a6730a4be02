"""Checks on a scenario file that cannot be expressed by the types of its values."""
