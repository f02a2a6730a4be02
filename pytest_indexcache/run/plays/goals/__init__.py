"""Determine the requirements of a step, and check that they are met afterwards."""
