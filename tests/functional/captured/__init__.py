"""Captures at fake indexes that stand in for real ones."""
