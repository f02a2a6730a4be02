"""The adapter for nab."""
