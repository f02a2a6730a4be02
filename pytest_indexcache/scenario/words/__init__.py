"""Limits on values, checks on plain strings, and the formatting of values in messages."""
