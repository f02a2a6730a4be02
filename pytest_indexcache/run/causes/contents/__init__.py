"""Causes for unexpected files in the venv and in the cache."""
