"""The adapter of the bundled reference installer."""
