"""Checks of the order of steps, in sequence and among steps that start together."""
