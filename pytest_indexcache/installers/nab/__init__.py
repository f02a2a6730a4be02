"""The adapter of nab."""
