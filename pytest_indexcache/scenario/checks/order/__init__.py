"""Checks of the order of steps: of successive and of simultaneous steps."""
