"""Venvs: making one, and reading what is in it."""
