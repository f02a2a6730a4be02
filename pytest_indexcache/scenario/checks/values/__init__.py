"""Checks of single values, and hints for correcting them."""
