"""Tests of planning and changing venvs."""
