"""Checks of the order of steps: one after the other, and at once."""
