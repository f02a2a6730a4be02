"""Limits, checks of plain strings, and the form of values in messages, for this whole folder."""
