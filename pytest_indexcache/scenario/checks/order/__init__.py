"""Checks of the order of steps, and of steps that start together."""
