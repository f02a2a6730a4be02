"""Scenario files that commands find, and new ones."""
