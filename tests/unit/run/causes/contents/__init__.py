"""Tests of the rules about files of the venv and of the cache."""
