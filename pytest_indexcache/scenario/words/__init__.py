"""Limits, checks of plain strings, and the formatting of values in messages."""
