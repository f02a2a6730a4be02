"""Checks of a scenario file that go beyond the types of its values."""
