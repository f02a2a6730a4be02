"""Tests of the rules for files of the venv and of the cache."""
