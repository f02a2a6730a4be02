"""Causes for the exit of a command, and for the venv and lockfile after it."""
