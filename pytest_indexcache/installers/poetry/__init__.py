"""The adapter for Poetry."""
