"""Tests of plans for venvs and of their execution."""
