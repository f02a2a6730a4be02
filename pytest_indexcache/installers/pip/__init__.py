"""The adapter of pip."""
