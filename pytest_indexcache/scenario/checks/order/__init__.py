"""Checks on the order of steps, and on steps that start at the same time."""
