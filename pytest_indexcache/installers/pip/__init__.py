"""The adapter for pip."""
