"""Checks on single values, and hints for correcting them."""
